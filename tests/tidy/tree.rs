//! The files of the source tree, ready to be judged.

use crate::lexer::{self, Token};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A file of `src`.
#[derive(Debug)]
pub(crate) struct Source {
    /// Below `src`, with `/`: `tui/view.rs`.
    pub(crate) name: String,
    /// Its module: `["tui", "view"]`; nothing for `lib.rs` and `main.rs`.
    pub(crate) module: Vec<String>,
    /// All of it.
    pub(crate) text: String,
    /// Its code without comments, strings and tests.
    pub(crate) code: Vec<Token>,
}

impl Source {
    pub(crate) fn new(name: &str, text: &str) -> Self {
        let tokens = lexer::tokens(text);
        let stem = name.trim_end_matches(".rs");
        let module = match stem {
            "lib" | "main" => vec![],
            _ => stem.split('/').map(ToOwned::to_owned).collect(),
        };
        Self {
            name: name.to_owned(),
            module,
            text: text.to_owned(),
            code: lexer::without_tests(&tokens),
        }
    }
}

/// Returns the files of `src` that are part of the program: those that only tests see are left out.
pub(crate) fn sources() -> Vec<Source> {
    let root = root().join("src");
    let texts: Vec<(String, String)> = files_below(&root)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
            (name.replace('\\', "/"), fs::read_to_string(&path).unwrap())
        })
        .collect();
    let test_modules = test_modules(&texts);
    texts
        .iter()
        .filter(|(name, _)| !is_below_any(name, &test_modules))
        .map(|(name, text)| Source::new(name, text))
        .collect()
}

/// Returns the repository's folder.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Returns every file below `folder`, sorted.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The modules behind `#[cfg(test)] mod name;`, as paths: `query/tests`.
fn test_modules(texts: &[(String, String)]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (name, text) in texts {
        let folder = match name.trim_end_matches(".rs") {
            "lib" | "main" => String::new(),
            module => format!("{module}/"),
        };
        for module in lexer::test_modules(&lexer::tokens(text)) {
            found.insert(format!("{folder}{module}"));
        }
    }
    found
}

fn is_below_any(name: &str, modules: &BTreeSet<String>) -> bool {
    modules.iter().any(|module| {
        let rest = name.strip_prefix(module.as_str());
        rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
    })
}
