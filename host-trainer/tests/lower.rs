//! `lower`: a model anew.

use std::path::Path;
use std::process::Command;

#[test]
fn a_model_is_lowered_anew_from_the_floats_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    for kind in ["gan", "json", "toml", "bpk"] {
        let name = format!("small.{kind}");
        std::fs::copy(models.join(&name), dir.path().join(&name)).unwrap();
    }
    let read = |name: &str| std::fs::read(dir.path().join(name)).unwrap();
    let program = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_host-trainer"));
        let output = command.current_dir(dir.path()).arg("lower").args(args).output().unwrap();
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
        (output.status.success(), said)
    };
    let lower = |args: &[&str]| {
        let (done, said) = program(args);
        assert!(done, "{said}");
        said
    };
    let error = |args: &[&str]| {
        let (done, said) = program(args);
        assert!(!done && said.contains("error: ") && !said.contains("panicked"), "{said}");
        said
    };
    let shipped = read("small.gan");
    let text = lower(&["small.gan", "--out", "again.gan"]);
    assert!(text.contains("PSNR") && text.contains("again.gan"), "{text}");
    // Floats differ in their last digit from processor to processor, so bytes may, but not how many there are.
    assert_eq!(read("small.gan"), shipped);
    assert_eq!(read("again.gan").len(), shipped.len());
    lower(&["small.gan"]);
    assert_eq!(read("small.gan"), read("again.gan"));
    assert_eq!(read("small.json"), read("again.json"));
    assert!(lower(&["small.gan"]).contains("the same bytes as before"));
    assert!(error(&["again.gan"]).contains("again.gan: its settings and floats do not lie beside it"));
    std::fs::copy(models.join("best.bpk"), dir.path().join("small.bpk")).unwrap();
    assert!(error(&["small.gan"]).contains("small.bpk"));
}
