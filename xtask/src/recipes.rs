//! The recipes: docs/recipes.md quotes what runs as a test.

use std::fs;

use crate::run::repository;

const PAGE: &str = "docs/recipes.md";
const FOLDER: &str = "tests/recipes";

/// What differs between the page and the tests: each test must stand there whole, and nothing else.
pub(crate) fn differences() -> Result<Vec<String>, String> {
    let read = |path: &str| {
        fs::read_to_string(repository().join(path)).map_err(|error| format!("{path}: {error}"))
    };
    let page = read(PAGE)?;
    let list = read(&format!("{FOLDER}/main.rs"))?;
    let names = list.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    let mut wrong = Vec::new();
    let mut recipes = 0;
    for name in names {
        recipes += 1;
        let path = format!("{FOLDER}/{name}.rs");
        if !page.contains(&quoted(&read(&path)?)) {
            wrong.push(format!("{PAGE}: it does not quote {path} as it is"));
        }
    }
    let blocks = page.matches("\n```rust\n").count();
    if blocks != recipes {
        wrong.push(format!("{PAGE}: it has {blocks} Rust blocks for {recipes} tests of {FOLDER}"));
    }
    Ok(wrong)
}

/// A test as the page has it: without the line that says what it is, which is a heading there.
fn quoted(test: &str) -> String {
    let code = test.split_once("\n\n").map_or("", |(_, code)| code);
    format!("\n```rust\n{code}```\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_of_a_test_is_not_quoted() {
        assert_eq!(
            quoted("//! Says what.\n\nuse a;\n\nb();\n"),
            "\n```rust\nuse a;\n\nb();\n```\n"
        );
    }
}
