//! Creates the files that a browser loads for the compiled page:
//! `sdn-browser-bindings page.wasm FOLDER`.

use std::env;

use anyhow::Context;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> anyhow::Result<()> {
    let mut arguments = env::args_os().skip(1);
    let wasm = arguments.next().context("no file with the compiled page")?;
    let folder = arguments.next().context("no folder for what a browser loads")?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).web(true)?.typescript(false).omit_default_module_path(false);
    bindgen.generate(folder)
}
