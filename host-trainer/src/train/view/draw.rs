//! What the view looks like.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Block, Borders, Chart, Dataset, GraphType, LineGauge, Paragraph};

use super::Shown;
use super::pixels::Mosaic;
use crate::players;
use crate::train::words::{numbers, time_left};

const COLOURS: [Color; 3] = [Color::Cyan, Color::Yellow, Color::Green];

/// So many of a record's charts have room.
const DRAWN: usize = 2;

/// A curve: its name, its colour, its points.
type Curve<'c> = (&'c str, Color, Vec<(f64, f64)>);

/// Draws the whole view.
pub(super) fn draw(frame: &mut Frame<'_>, shown: &Shown) {
    let one = Constraint::Length(1);
    let warning = warning(shown, frame.area().width);
    let told = Constraint::Length(warning.len() as u16);
    let heights = [one, one, Constraint::Fill(1), Constraint::Fill(2), told, one];
    let [title, gauge, charts, pictures, warned, footer] = Layout::vertical(heights).areas(frame.area());
    frame.render_widget(Paragraph::new(warning).style(Style::new().fg(Color::Yellow)), warned);
    frame.render_widget(heading(shown), title);
    let step = shown.latest.as_ref().map_or(shown.first_step, |row| row.step);
    let done = (step as f64 / shown.steps as f64).clamp(0.0, 1.0);
    let bar = LineGauge::default().ratio(done).filled_style(Style::new().fg(Color::Green));
    frame.render_widget(bar, gauge);

    let halves = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas::<DRAWN>(charts);
    for (area, shown_chart) in halves.into_iter().zip(shown.record.charts) {
        let points = |column: usize| {
            let points = shown.history.points().iter();
            points.filter_map(|point| Some((point.step, point.values[column]?))).collect()
        };
        let curves = shown_chart.curves.iter().zip(COLOURS);
        let curves: Vec<Curve<'_>> =
            curves.map(|(curve, colour)| (curve.short, colour, points(curve.column))).collect();
        chart(frame, area, shown_chart, &curves, step);
    }

    let name = match &shown.pictures {
        Some((step, _)) => format!(" The averaged generator after step {step} "),
        None => " No pictures yet ".to_owned(),
    };
    let block = Block::new().borders(Borders::TOP).title(name);
    let inside = block.inner(pictures);
    frame.render_widget(block, pictures);
    if let Some((_, pictures)) = &shown.pictures {
        frame.render_widget(Mosaic(pictures), inside);
    }
    frame.render_widget(foot(shown), footer);
}

fn heading(shown: &Shown) -> Paragraph<'static> {
    let strong = Style::new().add_modifier(Modifier::BOLD);
    let step = shown.latest.as_ref().map_or(shown.first_step, |row| row.step);
    let mut text = vec![
        Span::styled(format!(" {} ", shown.name), strong),
        Span::raw(format!("· step {step}/{} · epoch {:.1}", shown.steps, step as f64 / shown.steps_an_epoch)),
    ];
    if let Some(row) = &shown.latest {
        let left = time_left(shown.start.elapsed(), shown.first_step, row.step, shown.steps);
        text.push(Span::styled(format!(" · {left}"), strong));
        let others = shown.record.charts.iter().skip(DRAWN);
        text.extend(others.map(|chart| Span::raw(format!(" · {}", numbers(chart, &row.values)))));
    }
    Paragraph::new(Line::from(text))
}

/// What went wrong last, in as many lines as it takes.
fn warning(shown: &Shown, width: u16) -> Vec<Line<'static>> {
    let Some(words) = &shown.warning else { return Vec::new() };
    let mut lines = vec![String::new()];
    for word in words.split_whitespace() {
        let last = lines.last_mut().expect("there is a line");
        if last.chars().count() + word.chars().count() + 1 > usize::from(width) && !last.is_empty() {
            lines.push(String::new());
        }
        let last = lines.last_mut().expect("there is a line");
        last.push(' ');
        last.push_str(word);
    }
    lines.into_iter().map(Line::from).collect()
}

fn foot(shown: &Shown) -> Paragraph<'static> {
    let text = match (shown.stopping, shown.checkpoint) {
        (true, _) => " stopping: this step is finished and saved; Ctrl-C again ends at once".to_owned(),
        (_, checkpoint) => {
            let saved = checkpoint.map_or("nothing saved yet".into(), |step| format!("saved at step {step}"));
            format!(" q: leave this view, the run goes on · Ctrl-C: save and stop · {saved}")
        }
    };
    Paragraph::new(text).style(Style::new().add_modifier(Modifier::DIM))
}

fn chart(frame: &mut Frame<'_>, area: Rect, shown: &players::Chart, curves: &[Curve<'_>], last_step: u64) {
    let values = || curves.iter().flat_map(|(.., points)| points.iter().map(|point| point.1));
    let (low, high) = shown.range.unwrap_or_else(|| (0.0, values().fold(0.1, f64::max) * 1.05));
    let first =
        curves.iter().filter_map(|(.., points)| points.first()).map(|point| point.0).fold(f64::MAX, f64::min);
    let steps = [first.min(last_step as f64), (last_step as f64).max(1.0)];
    let mut title = vec![Span::raw(match shown.level {
        Some((level, _)) => format!(" {} → {level}", shown.title),
        None => format!(" {}", shown.title),
    })];
    for (name, colour, points) in curves {
        let latest = points.last().map_or(String::from("–"), |point| format!("{:.2}", point.1));
        title.push(Span::styled(format!("  {name} {latest}"), Style::new().fg(*colour)));
    }
    let level = shown.level.map(|(_, level)| steps.map(|step| (step, level)));
    let line = |points| Dataset::default().marker(Marker::Braille).graph_type(GraphType::Line).data(points);
    let mut lines = Vec::new();
    if let Some(level) = &level {
        lines.push(line(&level[..]).style(Style::new().fg(Color::DarkGray)));
    }
    lines.extend(curves.iter().map(|(_, colour, points)| line(points).style(Style::new().fg(*colour))));
    let label = |value: f64| if value >= 10.0 { format!("{value:.0}") } else { format!("{value:.1}") };
    let chart = Chart::new(lines)
        .block(Block::new().borders(Borders::TOP).title(Line::from(title)))
        .x_axis(Axis::default().bounds(steps))
        .y_axis(Axis::default().bounds([low, high]).labels([
            label(low),
            label((low + high) / 2.0),
            label(high),
        ]));
    frame.render_widget(chart, area);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pictures::Pictures;
    use crate::players::Row;
    use crate::train::TrainConfig;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    fn shown(steps: u64) -> Shown {
        let config = TrainConfig { name: "mine".into(), steps: 400, ..TrainConfig::default() };
        let mut shown = Shown::new(&config, (0, &[]), 100.0);
        for step in 1..=steps {
            let x = step as f64 / 400.0;
            let verdicts = [Some(0.5 + 0.4 * x), Some(0.5 - 0.4 * x)];
            let values = [&[Some(1.4 - x), Some(0.7 + x), None, Some(-1.4 + x)], &verdicts[..]].concat();
            let row = Row { step, values, spread: 0.3 };
            shown.history.push(&row);
            shown.latest = Some(row);
        }
        shown
    }

    fn lines(shown: &Shown, width: u16, height: u16) -> Vec<String> {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, shown)).unwrap();
        let cells = terminal.backend().buffer().content();
        cells.chunks(width.into()).map(|row| row.iter().map(|cell| cell.symbol()).collect()).collect()
    }

    #[test]
    fn a_warning_has_lines_of_its_own() {
        let mut shown = shown(200);
        shown.warning = Some("the generator is ahead ".repeat(6).trim().to_owned());
        let lines = lines(&shown, 80, 24);
        assert!(lines[21].starts_with(" the generator is ahead the"), "{lines:#?}");
        assert!(lines[22].trim_end().ends_with("is ahead") && lines[23].contains("q: leave"), "{lines:#?}");
    }

    #[test]
    fn a_small_terminal_shows_everything() {
        let mut shown = shown(200);
        let greys = (0..40 * 784).map(|i| (i % 251) as u8).collect();
        shown.pictures = Some((150, Pictures { greys, labels: vec![0; 40], choice: None, size: (28, 28) }));
        shown.checkpoint = Some(100);
        let lines = lines(&shown, 80, 24);
        let text = lines.join("\n");
        for part in [
            "mine · step 200/400 · epoch 2.0",
            "left",
            "V -0.90 (→ -1.39)",
            "Losses  D 0.90  G 1.20",
            "Verdicts → ½  D(x) 0.70  D(G(z)) 0.30",
            "The averaged generator after step 150",
            "q: leave this view, the run goes on",
            "saved at step 100",
        ] {
            assert!(text.contains(part), "no {part} in\n{text}");
        }
        let braille = |line: &String| line.chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c));
        assert!(lines[2..9].iter().filter(|line| braille(line)).count() >= 3, "curves\n{text}");
        let blocks = lines[10..23].iter().filter(|line| line.contains('▀')).count();
        assert!(blocks >= 12, "two rows of pictures\n{text}");
        assert!(!lines[23].contains('▀'), "the footer is the footer's\n{text}");
    }

    #[test]
    fn before_the_first_step_nothing_is_missing_but_numbers() {
        let text = lines(&shown(0), 80, 24).join("\n");
        assert!(
            text.contains("step 0/400") && text.contains("D –") && text.contains("nothing saved yet"),
            "{text}"
        );
    }

    #[test]
    fn stopping_is_said() {
        let shown = Shown { stopping: true, ..shown(3) };
        assert!(lines(&shown, 80, 24)[23].contains("stopping"));
    }

    #[test]
    fn any_size_can_be_drawn() {
        let mut shown = shown(50);
        shown.pictures =
            Some((1, Pictures { greys: vec![9; 784], labels: vec![0], choice: None, size: (28, 28) }));
        for (width, height) in [(1, 1), (20, 5), (10, 60), (300, 100)] {
            lines(&shown, width, height);
        }
    }
}
