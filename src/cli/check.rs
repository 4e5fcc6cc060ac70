//! `check`: assess what is open, for scripts, cron and CI.

use super::{
    Ending,
    args::{self, AssessFormat},
    context::Context,
    error::{self, Failure},
    follow::Over,
    machine, output,
};
use crate::{
    query::order::{Column, Order},
    report::{
        check::{Check, write_json, write_text},
        list::coverage,
        sarif,
    },
    rules::{RULES, story},
};
use std::io::Write as _;

pub(super) fn run(context: &Context, args: &args::Check) -> Result<Ending, Failure> {
    let query = error::filter(&args.filter.join(" "))?;
    let (snapshot, over) = match args.span {
        Some(span) => machine::watched(context, span)?,
        None => (machine::thorough(context, context.extent)?, Over::AsAsked),
    };
    let rows = machine::select(
        &snapshot,
        &query,
        Order {
            column: Column::Verdict,
            reverse: false,
        },
    );
    let open = rows.iter().filter_map(|row| snapshot.sockets.get(*row));
    let check = Check {
        snapshot: &snapshot,
        rows: &rows,
        stories: story::stories(open.chain(query.lately(&snapshot))),
        fail_on: args.fail_on.0,
    };
    if args.require_complete && !check.is_complete() {
        let missing = coverage(&snapshot).unwrap_or_default();
        return Err(Failure::Usage(format!(
            "not everything could be seen: {missing}\nhint: run it as root, or without --require-complete"
        )));
    }
    // What was found is found, but a part of the time proves nothing to be well.
    if over == Over::Interrupted && !check.fails() {
        return Err(Failure::Usage(
            "interrupted before the time of --for was over: nothing was found until then"
                .to_owned(),
        ));
    }
    let mut out = output::stdout();
    match args.format {
        AssessFormat::Text => write_text(&mut out, &check, context.style())?,
        AssessFormat::Json => write_json(&mut out, &check)?,
        AssessFormat::Sarif => {
            let rules: Vec<_> = RULES.iter().map(|rule| (rule.id, rule.about)).collect();
            sarif::write(&mut out, &check, &rules)?;
        }
    }
    out.flush()?;
    Ok(if check.fails() {
        Ending::Negative
    } else {
        Ending::Well
    })
}
