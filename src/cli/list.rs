//! `list`: one snapshot of the sockets.

use super::{
    Ending,
    args::{Global, List, ListFormat},
    error::{self, Failure},
    machine, output,
};
use crate::{
    model::{Protocol, Socket},
    query::order,
    report::{
        self, Column,
        list::{Table, write_csv, write_plain, write_table},
        socket::{write_json, write_ndjson},
    },
};
use std::io::Write as _;

pub(super) fn run(global: &Global, args: &List) -> Result<Ending, Failure> {
    let query = error::filter(&args.filter.join(" "))?;
    let columns = columns(&args.columns)?;
    let order = order(args)?;
    let environment = output::Environment::read();
    let format = args.format.unwrap_or(if environment.dumb { ListFormat::Plain } else { ListFormat::Table });
    let snapshot = machine::snapshot(global)?;
    let mut rows = machine::select(&snapshot, &query, order);
    rows.retain(|row| snapshot.sockets.get(*row).is_some_and(|socket| is_asked(args, socket)));
    let table = Table {
        columns: &columns,
        header: !args.no_header,
        style: output::style(global, &environment),
        width: output::width(),
    };
    let mut out = output::stdout();
    match format {
        ListFormat::Table => write_table(&mut out, &snapshot, &rows, &table)?,
        ListFormat::Plain => write_plain(&mut out, &snapshot, &rows)?,
        ListFormat::Json => write_json(&mut out, &snapshot, &rows)?,
        ListFormat::Ndjson => write_ndjson(&mut out, &snapshot, &rows)?,
        ListFormat::Csv => write_csv(&mut out, &snapshot, &rows, &table)?,
    }
    out.flush()?;
    if matches!(format, ListFormat::Table | ListFormat::Plain) {
        machine::warn_of_gaps(global, &snapshot);
    }
    Ok(Ending::Well)
}

/// Whether the switches ask for this socket; several transports are alternatives.
fn is_asked(args: &List, socket: &Socket) -> bool {
    let transport = match socket.raw.protocol {
        _ if !args.tcp && !args.udp => true,
        Protocol::Tcp => args.tcp,
        Protocol::Udp => args.udp,
    };
    transport && (!args.listening || socket.raw.is_listening())
}

fn columns(names: &[String]) -> Result<Vec<Column>, Failure> {
    if names.is_empty() {
        return Ok(Column::USUAL.to_vec());
    }
    let find = |name: &String| {
        let column = Column::ALL.into_iter().find(|column| column.name() == name.trim());
        column.ok_or_else(|| {
            let all: Vec<_> = Column::ALL.iter().map(|column| column.name()).collect();
            Failure::Usage(format!(
                "there is no column {name:?} for --columns\nhint: the columns are {}",
                all.join(", ")
            ))
        })
    };
    names.iter().map(find).collect()
}

fn order(args: &List) -> Result<order::Order, Failure> {
    let column = match &args.sort {
        None => order::Column::Verdict,
        Some(name) => order::Column::parse(name)
            .map_err(|hint| Failure::Usage(format!("cannot sort by {name:?}\nhint: {hint}")))?,
    };
    Ok(order::Order { column, reverse: args.reverse })
}

/// The shape shared with other commands that name sockets.
pub(super) fn plural_sockets(count: usize) -> String {
    report::plural(count, "socket")
}
