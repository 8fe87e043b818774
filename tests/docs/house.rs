//! ARCHITECTURE.md names files and crates that are there.

use std::fs;

use crate::page;

#[test]
fn files_named_in_the_architecture_exist() {
    let text = page::read(page::ARCHITECTURE);
    let mut count = 0;
    for code in page::inline_code(&text) {
        let is_path = code.contains('/')
            && ["src/", "tests/", "themes/", ".ci/"].iter().any(|top| code.starts_with(top));
        if is_path {
            assert!(page::place(&code).exists(), "{code} is not there");
            count += 1;
        }
    }
    assert!(count > 25, "only {count} files are named");
}

#[test]
fn every_layer_is_named() {
    let text = page::read(page::ARCHITECTURE);
    for entry in fs::read_dir(page::place("src")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(text.contains(&format!("| `{name}` |")), "the layer {name} has no row");
        }
    }
}

#[test]
fn every_dependency_has_its_reason_and_no_other_is_named() {
    let manifest: toml::Table = page::read("Cargo.toml").parse().unwrap();
    let mut wanted: Vec<String> = ["dependencies", "dev-dependencies"]
        .iter()
        .flat_map(|section| manifest[*section].as_table().unwrap().keys().cloned())
        .collect();
    wanted.sort();
    let part = page::part(page::ARCHITECTURE, "dependencies");
    let mut named: Vec<String> = part
        .lines()
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| line.split('|').nth(1).unwrap().split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect();
    named.sort();
    assert_eq!(named, wanted);
}
