//! `losses.png`: a run's record as three charts over the steps.

use super::losses::{extent, means};
use crate::files;
use crate::players::Row;
use crate::players::{Chart, Record};
use crate::stamp::{Origin, Stamp, picture};
use epaint_default_fonts::UBUNTU_LIGHT;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};
use std::path::{Path, PathBuf};

/// Width and height of the picture.
const SIZE: (u32, u32) = (900, 1080);
/// At most so many points a line: each is the mean of as many rows as that takes.
const POINTS: usize = 300;
const FONT: &str = "sans-serif";

/// A chart that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {cause}")]
pub struct PlotError {
    path: PathBuf,
    cause: String,
}

const BLUE_INK: RGBColor = RGBColor(31, 119, 180);
const ORANGE_INK: RGBColor = RGBColor(230, 110, 10);
const GREEN_INK: RGBColor = RGBColor(44, 140, 44);
const INKS: [RGBColor; 3] = [BLUE_INK, ORANGE_INK, GREEN_INK];

/// Draws `rows` of a run with `record`, which has come to `stamp`, to the PNG file `path`. Without rows it draws nothing
/// and writes nothing.
///
/// # Errors
/// The file cannot be written.
pub fn draw(record: &Record, rows: &[Row], stamp: Stamp, path: &Path) -> Result<(), PlotError> {
    if rows.is_empty() {
        return Ok(());
    }
    let fail = |cause: String| PlotError { path: path.into(), cause };
    let mut pixels = vec![0; (SIZE.0 * SIZE.1 * 3) as usize];
    render(record, rows, &mut pixels).map_err(|error| fail(error.to_string()))?;
    let origin = Origin { model_md5: None, stamp: Some(stamp) };
    let png = png(&pixels, &origin).map_err(|error| fail(error.to_string()))?;
    files::write(path, &png).map_err(|error| fail(error.to_string()))
}

/// The bytes of a PNG of RGB `pixels`, which says what it was made from.
fn png(pixels: &[u8], origin: &Origin) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIZE.0, SIZE.1);
    encoder.set_color(png::ColorType::Rgb);
    picture::mark(&mut encoder, origin)?;
    encoder.write_header()?.write_image_data(pixels)?;
    Ok(bytes)
}

fn render(record: &Record, rows: &[Row], pixels: &mut [u8]) -> Result<(), Box<dyn std::error::Error>> {
    // The font comes with the program, so the picture is the same on every system.
    register_font(FONT, FontStyle::Normal, UBUNTU_LIGHT).map_err(|_| "the embedded font is damaged")?;
    let area = BitMapBackend::with_buffer(pixels, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let charts = record.charts;
    for (area, chart) in area.split_evenly((charts.len(), 1)).iter().zip(charts) {
        panel(area, chart, rows)?;
    }
    area.present()?;
    Ok(())
}

fn panel(
    area: &DrawingArea<BitMapBackend<'_>, Shift>,
    shown: &Chart,
    rows: &[Row],
) -> Result<(), Box<dyn std::error::Error>> {
    let series: Vec<_> = shown.curves.iter().map(|curve| means(rows, curve.column, POINTS)).collect();
    let values = series.iter().flatten().map(|point| point.1).chain(shown.level.map(|line| line.1));
    let (low, high) = extent(values);
    let room = (high - low).max(0.1) * 0.08;
    let steps = 0.0..rows.last().map_or(1.0, |row| row.step as f64);
    let mut chart = ChartBuilder::on(area)
        .caption(shown.title, (FONT, 22))
        .margin(10)
        .margin_right(30)
        .x_label_area_size(32)
        .y_label_area_size(48)
        .build_cartesian_2d(steps.clone(), low - room..high + room)?;
    chart
        .configure_mesh()
        .x_desc("step")
        .x_label_formatter(&|step| format!("{step:.0}"))
        .label_style((FONT, 15))
        .light_line_style(TRANSPARENT)
        .draw()?;
    if let Some((label, level)) = shown.level {
        let style = BLACK.stroke_width(1);
        chart
            .draw_series(LineSeries::new([(steps.start, level), (steps.end, level)], style))?
            .label(label)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
    }
    for ((curve, ink), points) in
        shown.curves.iter().zip(INKS).zip(series).filter(|(_, points)| !points.is_empty())
    {
        let style = ink.stroke_width(2);
        chart
            .draw_series(LineSeries::new(points, style))?
            .label(curve.label)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.3))
        .label_font((FONT, 15))
        .draw()?;
    Ok(())
}
