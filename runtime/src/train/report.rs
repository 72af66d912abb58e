//! What a training reports.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

/// One epoch.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Epoch<T> {
    /// Its number, from 1.
    pub epoch: usize,
    /// The mean of the sample losses, each before the update that its batch made.
    pub loss: T,
    /// The mean loss of the held-out samples after the epoch, where there are any.
    pub validation: Option<T>,
    /// The learning rate of the epoch.
    pub learning_rate: T,
    /// The updates made so far, over all epochs.
    pub iterations: u64,
}

/// A whole training.
#[derive(Clone, PartialEq, Debug)]
pub struct Report<T> {
    /// Every epoch that was run, in order; with the feature `alloc`.
    #[cfg(feature = "alloc")]
    pub epochs: Vec<Epoch<T>>,
    /// The last epoch that was run.
    pub last: Epoch<T>,
}
