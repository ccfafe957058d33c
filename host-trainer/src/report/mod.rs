//! A run as one HTML file that needs nothing else: it opens from a disk, in the dark, and on paper.

mod boards;
mod chart;
mod model;

use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};
use gan_core::Model;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::artifact::inspect::Inspection;
use crate::evaluation::Evaluation;
use crate::export::{overview, restyled};
use crate::judge::{Row as Line, Scores, table};
use crate::pictures::sheet::Sheet;
use crate::pictures::walk::Walk;
use crate::pictures::{self, Draws, Given, Originals};
use crate::players::{Chart, Record, Row};
use crate::stamp::picture;
use crate::subject::Subject;
use crate::train::{FID_CHARTS, TrainConfig, sheets};
use chart::chart;

/// Pictures of each class in the grid.
const COLUMNS: usize = 12;
/// Sheets on paper, at most.
const PRINTED: usize = 8;
/// Latents that the walk passes.
const STOPS: usize = 4;

/// What a page is made of.
pub struct Contents<'c> {
    /// The run's settings.
    pub config: &'c TrainConfig,
    /// Its record.
    pub rows: &'c [Row],
    /// The path of its FID; empty where it has none.
    pub fid: &'c [Row],
    /// Sheets through its training, as PNG files, with the steps after which they were drawn.
    pub sheets: Vec<(u64, Vec<u8>)>,
    /// What is there once it has ended.
    pub result: Option<Finished<'c>>,
}

/// A run's model.
pub struct Finished<'c> {
    /// The parsed file.
    pub model: &'c Model<'c>,
    /// The file taken apart.
    pub inspection: Inspection,
    /// Its file, and what lies beside that.
    pub subject: &'c Subject,
    /// What is newer or other than the model, a sentence each.
    pub remarks: Vec<String>,
    /// Its figures.
    pub evaluation: &'c Evaluation,
    /// What it restyles, if it does.
    pub originals: Originals,
    /// The pictures closest to training pictures, as a PNG file; none where nothing was held out.
    pub pairs: Option<Vec<u8>>,
}

/// The sheets of the run in `run`, read.
///
/// # Errors
/// One of them cannot be read; the error names it.
pub fn read_sheets(run: &Path) -> std::io::Result<Vec<(u64, Vec<u8>)>> {
    let read = |(step, path): (u64, std::path::PathBuf)| {
        let named =
            |error: std::io::Error| std::io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        Ok((step, std::fs::read(&path).map_err(named)?))
    };
    sheets::all(run)?.into_iter().map(read).collect()
}

/// The page.
pub fn page(contents: &Contents<'_>) -> String {
    let Contents { config, rows, fid, sheets, result } = contents;
    let done = rows.last().map_or(0, |row| row.step);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (config.name) }
                style { (PreEscaped(include_str!("page.css"))) }
            }
            body {
                h1 { (config.name) }
                p {
                    (config.family.family().name) ", seed " (config.seed) ", " (done) " of " (config.all_steps()) " steps of "
                    (config.batch) " pictures"
                    @if let Some(dir) = &config.data.dir { " of " (dir.display()) }
                    @if done < config.all_steps() { "; not yet ended" }
                }
                @if let Some(result) = result { (origin(result)) (figures(result)) }
                h2 { "Training" }
                (curves(config.family.family().record, rows, fid))
                @if !sheets.is_empty() { (strip(sheets, result.as_ref())) }
                @if let Some(result) = result { (made(result)) }
                h2 { "Settings" }
                pre { (config.to_toml()) }
                script { (PreEscaped(include_str!("page.js"))) }
            }
        }
    };
    page.into_string()
}

/// What the model was made from, and what on the page is newer or other.
fn origin(result: &Finished<'_>) -> Markup {
    html! {
        p { "The model, its figures and pictures are of " (result.subject.made_from()) "." }
        @for remark in &result.remarks { p class="remark" { (remark) } }
    }
}

fn figures(result: &Finished<'_>) -> Markup {
    let evaluation = result.evaluation;
    let (grid, key) = grid(result);
    let grid = grid.made_from(result.subject.origin()).png();
    let columns: Vec<(&str, &Scores)> =
        evaluation.columns.iter().map(|column| (column.name.as_str(), &column.report)).collect();
    let table = table(&columns, false);
    html! {
        h2 { "Figures" }
        div class="first" {
            div class="wide" {
                table {
                    thead { tr { th {} @for name in &table.columns { th { (name) } } } }
                    tbody {
                        @for Line { name, cells } in &table.rows {
                            tr { th { (name) } @for cell in cells { td { (cell) } } }
                        }
                    }
                }
                @for note in &table.notes { p { (note) } }
            }
            figure {
                figcaption { strong { "Drawn by the int8 model" } span class="key" { (key) } }
                img alt={ "Pictures of the int8 model, " (key) } src=(data("png", &grid));
            }
        }
        @if let Some(drift) = &evaluation.drift { p { (drift) } }
        @for restyling in &evaluation.restyling { p { (restyling) } }
        p {
            (evaluation.count) " latents of seed " (evaluation.seed) "; FID and all else on the features of the project's own "
            "digit classifier, so beside ‘real’, what held-out pictures score, and not beside an Inception network's."
        }
    }
}

/// Pictures of the int8 model, and how they lie on the sheet.
fn grid(result: &Finished<'_>) -> (Sheet, &'static str) {
    let Finished { model, evaluation, originals, .. } = result;
    if pictures::reads_pictures(model) {
        let int8 = |given: Given<'_>, count| {
            let latents = Draws::of(evaluation.seed).latents(count, &(*model).into());
            pictures::of_given(model, given, &latents)
        };
        let entries = model.entries().map(|entry| entry.name);
        return (restyled(entries, originals, &[("", &int8)]), "below what it was made of, not picked");
    }
    let classes = usize::from(model.classes());
    let pictures = pictures::int8(model, evaluation.seed, COLUMNS * classes.max(10));
    (overview("int8", &pictures, classes, COLUMNS), "a row a class, not picked")
}

fn curves(record: &Record, rows: &[Row], fid: &[Row]) -> Markup {
    html! {
        @if rows.is_empty() { p { "No step was recorded." } } @else {
            div class="charts" {
                @for shown in record.charts { (chart(shown, rows)) }
                @for shown in FID_CHARTS.iter().filter(|shown| is_in(shown, fid)) { (chart(shown, fid)) }
            }
        }
    }
}

/// Whether any of the curves of `shown` has a value.
fn is_in(shown: &Chart, rows: &[Row]) -> bool {
    rows.iter().any(|row| shown.curves.iter().any(|curve| row.values[curve.column].is_some()))
}

fn strip(sheets: &[(u64, Vec<u8>)], result: Option<&Finished<'_>>) -> Markup {
    let last = sheets.len() - 1;
    html! {
        h2 { "The same latents through the training" }
        input #step type="range" min="0" max=(last) value=(last) aria-label="Step";
        output #shown {}
        div class="frames" {
            @for (number, (step, png)) in sheets.iter().enumerate() {
                figure class=[(number == last).then_some("on")] data-paper[on_paper(number, sheets.len())] {
                    img alt={ "after step " (step) } src=(data("png", png));
                    figcaption { "after step " (step) (sheet_remark(*step, png, result)) }
                }
            }
        }
    }
}

/// What a reader should know of the sheet `png` of step `step` beside the model.
fn sheet_remark(step: u64, png: &[u8], result: Option<&Finished<'_>>) -> &'static str {
    let Some(model) = result.and_then(|result| result.subject.sidecar.stamp()) else { return "" };
    let sheet = picture::read(png).and_then(|origin| origin.stamp);
    match sheet {
        _ if step > model.step => ", later than the model",
        Some(sheet) if sheet.data != model.data => ", of a run on other pictures than the model's",
        _ => "",
    }
}

/// Whether a sheet is printed: the first, the last, and those at equal distances between.
fn on_paper(number: usize, sheets: usize) -> bool {
    let last = PRINTED - 1;
    sheets <= PRINTED || (0..PRINTED).any(|place| place * (sheets - 1) / last == number)
}

fn made(result: &Finished<'_>) -> Markup {
    let walk = || {
        Walk::new(result.model, &Draws::of(result.evaluation.seed), STOPS).gif(1, &result.subject.origin())
    };
    html! {
        @if result.model.latent_length() > 0 {
            h2 { "A walk between latents" }
            img class="walk" alt="All classes of one latent, which walks" src=(data("gif", &walk()));
        }
        @if let Some(pairs) = &result.pairs {
            h2 { "Nearest training pictures" }
            p { "The generated pictures that come closest to a training picture, each above it." }
            img alt="Generated pictures above training pictures" src=(data("png", pairs));
        }
        h2 { "The model" }
        (model::layers(&result.inspection))
        (model::arena(&result.inspection))
        h2 { "Boards" }
        (boards::boards(&result.inspection.boards))
        (boards::instructions(&result.inspection))
    }
}

fn data(kind: &str, bytes: &[u8]) -> String {
    format!("data:image/{kind};base64,{}", STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paper_holds_few_sheets_with_the_first_and_the_last() {
        let printed =
            |sheets: usize| (0..sheets).filter(|&number| on_paper(number, sheets)).collect::<Vec<_>>();
        assert_eq!(printed(3), [0, 1, 2]);
        let many = printed(31);
        assert_eq!((many.len(), many[0], many[7]), (8, 0, 30));
    }

    #[test]
    fn a_run_that_has_not_ended_has_a_page_too() {
        let config = TrainConfig { name: "half".into(), steps: 10, ..TrainConfig::default() };
        let contents =
            Contents { config: &config, rows: &[], fid: &[], sheets: vec![(3, vec![1, 2, 3])], result: None };
        let page = page(&contents);
        assert!(page.contains("not yet ended") && page.contains("after step 3"), "{page}");
        assert!(page.contains("data:image/png;base64,AQID"));
        assert!(!page.contains("Figures"));
    }

    #[test]
    fn the_path_of_the_fid_is_charts_where_there_is_one() {
        let row = |step, values: [Option<f64>; 2]| Row { step, values: values.to_vec(), spread: 0.0 };
        let rows = [row(1, [Some(0.5), None])];
        let config = TrainConfig::default();
        let page =
            |fid| page(&Contents { config: &config, rows: &rows[..0], fid, sheets: vec![], result: None });
        let [fid, entropy] = FID_CHARTS.each_ref().map(|chart| chart.title);
        assert!(!page(&[]).contains(fid));
        let record = &Record { columns: &["x"], charts: &[], signs: &[] };
        let path = [row(500, [Some(80.0), None]), row(1000, [Some(20.0), None])];
        let early = curves(record, &rows, &path).into_string();
        assert!(early.contains(fid) && early.contains(">80<") && !early.contains(entropy), "{early}");
        let path = path.map(|point| row(point.step, [point.values[0], Some(3.1)]));
        assert!(curves(record, &rows, &path).into_string().contains(entropy));
    }
}
