//! What the examples share: curves as pictures.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};

/// A named curve.
pub struct Curve {
    /// What the legend calls it.
    pub name: String,
    /// Its points, from left to right.
    pub points: Vec<(f64, f64)>,
}

/// Draws curves over a common horizontal axis, with a logarithmic vertical one, as `target/examples/<file>.svg` and `.png`;
/// gives the two paths.
///
/// # Errors
///
/// If a file cannot be written.
pub fn plot(file: &str, title: &str, axes: (&str, &str), curves: &[Curve]) -> Result<[PathBuf; 2], Box<dyn Error>> {
    register_font("sans-serif", FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT).map_err(|_| "the font cannot be read")?;
    let folder = Path::new("target/examples");
    fs::create_dir_all(folder)?;
    let paths = ["svg", "png"].map(|ending| folder.join(format!("{file}.{ending}")));
    draw(SVGBackend::new(&paths[0], (960, 600)).into_drawing_area(), title, axes, curves)?;
    draw(BitMapBackend::new(&paths[1], (960, 600)).into_drawing_area(), title, axes, curves)?;
    Ok(paths)
}

fn draw<B: DrawingBackend>(
    area: DrawingArea<B, plotters::coord::Shift>,
    title: &str,
    axes: (&str, &str),
    curves: &[Curve],
) -> Result<(), Box<dyn Error>>
where
    B::ErrorType: 'static,
{
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let right = points().map(|point| point.0).fold(1.0, f64::max);
    let low = points().map(|point| point.1).fold(f64::INFINITY, f64::min).max(1e-12);
    let high = points().map(|point| point.1).filter(|y| y.is_finite()).fold(low, f64::max);
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 24))
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(72)
        .build_cartesian_2d(0.0..right, (low * 0.8..high * 1.25).log_scale())?;
    let short = |y: &f64| if *y < 0.01 || *y >= 1000.0 { format!("{y:.0e}") } else { format!("{y:.2}") };
    let whole = |x: &f64| format!("{x:.0}");
    chart
        .configure_mesh()
        .x_label_formatter(&whole)
        .y_label_formatter(&short)
        .x_desc(axes.0)
        .y_desc(axes.1)
        .label_style(("sans-serif", 15))
        .light_line_style(WHITE)
        .draw()?;
    for (index, curve) in curves.iter().enumerate() {
        let color = Palette99::pick(index).to_rgba();
        let visible = curve.points.iter().copied().filter(|point| point.1.is_finite() && point.1 > 0.0);
        chart
            .draw_series(LineSeries::new(visible, color.stroke_width(2)))?
            .label(&curve.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 24, y)], color.stroke_width(2)));
    }
    chart.configure_series_labels().label_font(("sans-serif", 16)).background_style(WHITE).border_style(BLACK).draw()?;
    area.present()?;
    Ok(())
}
