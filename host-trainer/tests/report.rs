//! A run's page holds the figures of its evaluation and needs nothing but itself.

use std::path::Path;
use std::process::Command;

fn run(cwd: &Path, args: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_host-trainer")).current_dir(cwd).args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The cells of the first table of a page, row by row.
fn table(page: &str) -> Vec<Vec<String>> {
    let text = |cell: &str| cell.split('<').next().unwrap().replace("&lt;", "<");
    let cells = |row: &str| {
        let cells =
            row.split("<t").skip(1).filter_map(|cell| cell.strip_prefix(['h', 'd'])?.strip_prefix('>'));
        cells.map(text).collect()
    };
    let body = page.split("<tbody>").nth(1).unwrap().split("</tbody>").next().unwrap();
    body.split("<tr>").skip(1).map(cells).collect()
}

#[test]
fn a_report_shows_what_evaluate_says() {
    let dir = tempfile::tempdir().unwrap();
    run(
        dir.path(),
        &[
            "--name",
            "tiny",
            "--steps",
            "60",
            "--batch",
            "8",
            "--data-limit",
            "400",
            "--width",
            "4",
            "--no-judge",
        ],
    );
    let said = run(dir.path(), &["evaluate", "runs/tiny", "--count", "400"]);
    run(dir.path(), &["report", "runs/tiny"]);
    let page = std::fs::read_to_string(dir.path().join("runs/tiny/report.html")).unwrap();

    let rows = table(&page);
    assert!(rows.len() >= 20, "{rows:?}");
    for cells in &rows {
        assert_eq!(cells.len(), 4, "a name, int8, float, real: {cells:?}");
        let words: Vec<&str> = cells.iter().flat_map(|cell| cell.split_whitespace()).collect();
        let found = said.lines().any(|line| line.split_whitespace().collect::<Vec<_>>() == words);
        assert!(found, "evaluate does not say {words:?}:\n{said}");
    }
    let drift = said.lines().find(|line| line.starts_with("float → int8")).unwrap();
    assert!(page.contains(drift), "{drift}");

    assert_eq!(page.matches("<svg").count(), 4, "three charts and the arena");
    assert_eq!(
        page.matches("<figcaption>after step").count(),
        std::fs::read_dir(dir.path().join("runs/tiny/sheets")).unwrap().count()
    );
    assert_eq!(page.matches("data:image/gif").count(), 1);
    assert!(page.contains("−log 4") && page.contains("conv_transpose") && page.contains("[family]"));
}

#[test]
fn a_report_says_of_boards_what_inspect_says() {
    let dir = tempfile::tempdir().unwrap();
    let train = ["--name", "tiny", "--steps", "20", "--batch", "8", "--data-limit", "400", "--no-judge"];
    run(dir.path(), &train);
    let inspected: serde_json::Value =
        serde_json::from_str(&run(dir.path(), &["inspect", "runs/tiny", "--json"])).unwrap();
    run(dir.path(), &["report", "runs/tiny"]);
    let page = std::fs::read_to_string(dir.path().join("runs/tiny/report.html")).unwrap();

    let number = |value: &serde_json::Value| grouped(value.as_u64().unwrap());
    let boards = inspected["boards"].as_array().unwrap();
    assert_eq!(page.matches("data-board=").count(), boards.len());
    for board in boards {
        let name = board["board"].as_str().unwrap();
        let mut rest = page.split(&format!("data-board=\"{name}\"")).nth(1).unwrap();
        for memory in ["flash", "ram"] {
            let (used, total) = (number(&board[memory]["used"]), number(&board[memory]["total"]));
            let (row, behind) = rest.split_once(&format!("{used} of {total}")).expect(name);
            assert!(!row.contains("data-board"), "{name}: {memory} stands elsewhere");
            rest = behind;
            for part in board[memory]["parts"].as_array().unwrap() {
                let title =
                    format!("title=\"{}, {} bytes\"", part["name"].as_str().unwrap(), number(&part["bytes"]));
                rest = rest.split_once(&title).unwrap_or_else(|| panic!("{name}: no {title}")).1;
            }
        }
        let row = rest.split("data-board").next().unwrap();
        assert_eq!(row.contains(">fits<"), board["fits"].as_bool().unwrap(), "{name}");
        assert_eq!(row.contains("bytes too many"), !board["fits"].as_bool().unwrap(), "{name}");
    }

    // The default network's layers are those of the pretrained model, which the bench has counted.
    let counts = &inspected["instructions"];
    assert_eq!(counts["same_weights"], false);
    let table = page.split("class=\"instructions\"").nth(1).unwrap();
    for (core, count) in counts["picture"].as_object().unwrap() {
        assert!(table.contains(&format!("<td>{}</td>", number(count))), "{core}");
    }
    assert!(table.contains("a model of the same layers with other weights"));
}

/// `12345` as `12,345`.
fn grouped(number: u64) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", grouped(number / 1000), number % 1000),
    }
}

#[test]
fn a_page_asks_for_nothing_from_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    run(
        dir.path(),
        &[
            "--name",
            "tiny",
            "--steps",
            "30",
            "--batch",
            "8",
            "--data-limit",
            "100",
            "--width",
            "4",
            "--no-judge",
        ],
    );
    // Without its model it is a run that has not ended.
    std::fs::remove_file(dir.path().join("runs/tiny/generator.gan")).unwrap();
    run(dir.path(), &["report", "runs/tiny", "--out", "page.html"]);
    let page = std::fs::read_to_string(dir.path().join("page.html")).unwrap();
    for outside in ["http:", "https:", "<link", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.split("src=\"").skip(1).all(|source| source.starts_with("data:")));
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("@media print"));
}

#[test]
fn what_is_no_run_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_host-trainer"))
        .current_dir(dir.path())
        .args(["report", "nowhere"])
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(stderr.trim(), "error: nowhere: no config.toml, so this is no run's folder");
}
