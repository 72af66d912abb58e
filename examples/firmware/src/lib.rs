//! Gradients on microcontrollers: five programs, and small functions whose gradients are measured against ones written by hand and
//! against dual numbers.
//!
//! A program is a module with `run`, which computes on the device what it computes on the host; `src/bin` holds what prints it and compares.
//! [`subjects`] are the functions that `budgets` measures, and [`programs`] the programs that it does with gradients of other origins as well.
#![no_std]

pub mod board;
pub mod expected;
pub mod iris;
pub mod kalman;
pub mod load_cell;
pub mod magnetometer;
pub mod noise;
pub mod programs;
pub mod subjects;
pub mod thermocouple;

#[cfg(target_os = "none")]
pub mod device;
