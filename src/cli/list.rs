//! `list`: one snapshot of the sockets.

use super::{
    Ending,
    args::{Arrangement, List, ListFormat},
    context::{Context, terminal_width},
    error::{self, Failure},
    machine, output,
};
use crate::{
    collect,
    model::{Names, Protocol, Snapshot, Socket, text::plural},
    query::order,
    report::{
        Column,
        list::{Table, write_csv, write_plain, write_table},
        socket::{write_json, write_ndjson},
    },
};
use std::{io::Write as _, sync::Arc, time::Duration};

/// How long is waited for the names of all peers together.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn run(context: &Context, args: &List) -> Result<Ending, Failure> {
    let expression = args.filter.join(" ");
    let mut query = if context.settings.resolve {
        error::filter_with_hosts(&expression)?
    } else {
        error::filter(&expression)?
    };
    let mut columns = columns(&args.table.columns)?;
    if args.table.columns.is_empty() && context.extent.all_namespaces {
        columns.insert(3, Column::Netns);
    }
    if context.settings.resolve {
        let behind = columns.iter().position(|one| *one == Column::Remote);
        if let Some(at) = behind.filter(|_| args.table.columns.is_empty()) {
            columns.insert(at + 1, Column::Host);
        }
    } else if columns.contains(&Column::Host) {
        return Err(Failure::Usage(
            "--columns: host has to be asked for with --resolve, which tells DNS whom you look at"
                .to_owned(),
        ));
    }
    let order = order(&args.table)?;
    let format = args.format.unwrap_or(if context.environment.is_dumb() {
        ListFormat::Plain
    } else {
        ListFormat::Table
    });
    let mut extent = query.extent(context.extent);
    extent.unix |= args.unix;
    let snapshot = machine::snapshot_of(context, extent)?;
    if query.has_hosts() {
        let every: Vec<_> = (0..snapshot.sockets.len()).collect();
        let hosts = names(context, &snapshot, &every);
        query.know_hosts(Some(Arc::new(hosts)));
    }
    let mut rows = machine::select(&snapshot, &query, order);
    rows.retain(|row| {
        snapshot
            .sockets
            .get(*row)
            .is_some_and(|socket| is_asked(args, socket))
    });
    if rows.is_empty() {
        refuse_what_is_no_port(&expression)?;
    }
    let names = if context.settings.resolve {
        names(context, &snapshot, &rows)
    } else {
        Names::default()
    };
    let table = Table {
        columns: &columns,
        header: !args.no_header,
        style: context.style(),
        width: terminal_width(),
        may_leave_out: args.table.columns.is_empty(),
        names: &names,
    };
    let mut out = output::stdout();
    let mut left_out = vec![];
    match format {
        ListFormat::Table => left_out = write_table(&mut out, &snapshot, &rows, &table)?,
        ListFormat::Plain => write_plain(&mut out, &snapshot, &rows, &names)?,
        ListFormat::Json => write_json(&mut out, &snapshot, &rows, &names)?,
        ListFormat::Ndjson => write_ndjson(&mut out, &snapshot, &rows, &names)?,
        ListFormat::Csv => write_csv(&mut out, &snapshot, &rows, &table)?,
    }
    out.flush()?;
    tell_what_is_left_out(context, &left_out);
    if matches!(format, ListFormat::Table | ListFormat::Plain) {
        machine::warn_of_gaps(context, &snapshot);
    }
    // The program ends now: giving everything back piece by piece would help nobody.
    std::mem::forget(snapshot);
    Ok(Ending::Well)
}

/// Says which columns the terminal has no room for, and how to see them.
fn tell_what_is_left_out(context: &Context, columns: &[Column]) {
    if columns.is_empty() || context.quiet {
        return;
    }
    let names: Vec<_> = columns.iter().map(|column| column.name()).collect();
    error::print(format_args!(
        "note: no room for {}; --columns chooses, --format plain has all",
        names.join(", ")
    ));
}

/// What the other ends at `rows` are called, as far as that is answered in time.
fn names(context: &Context, snapshot: &Snapshot, rows: &[usize]) -> Names {
    let sockets = rows.iter().filter_map(|row| snapshot.sockets.get(*row));
    let addresses: Vec<_> = sockets
        .filter_map(|socket| socket.raw.peer().map(|peer| peer.address))
        .collect();
    let (names, missing) = collect::names::names_of(&addresses, PATIENCE);
    if missing > 0 && !context.quiet {
        error::print(format_args!(
            "note: no answer about {} within {} s",
            plural(missing, "address"),
            PATIENCE.as_secs()
        ));
    }
    names
}

/// A lone number is a port or a process; one too large for a port that is no process either is a mistake.
fn refuse_what_is_no_port(expression: &str) -> Result<(), Failure> {
    let is_number = expression.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || expression.is_empty() || expression.parse::<u16>().is_ok() {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "{expression} is no port: ports go from 0 to 65535, and no process {expression} has a socket here"
    )))
}

/// Whether the switches ask for this socket; several protocols are alternatives.
fn is_asked(args: &List, socket: &Socket) -> bool {
    let switches: [(bool, &[Protocol]); 5] = [
        (args.tcp, &[Protocol::Tcp, Protocol::Mptcp]),
        (args.udp, &[Protocol::Udp, Protocol::UdpLite]),
        (args.raw, &[Protocol::Raw, Protocol::Icmp]),
        (args.packet, &[Protocol::Packet]),
        (args.unix, &[Protocol::Unix]),
    ];
    let protocol = &socket.raw.protocol;
    let mut given = switches.iter().filter(|(given, _)| *given).peekable();
    let is_protocol =
        given.peek().is_none() || given.any(|(_, protocols)| protocols.contains(protocol));
    is_protocol && (!args.listening || socket.raw.is_listening())
}

fn columns(names: &[String]) -> Result<Vec<Column>, Failure> {
    if names.is_empty() {
        return Ok(Column::USUAL.to_vec());
    }
    let find = |name: &String| {
        let column = Column::ALL
            .into_iter()
            .find(|column| column.name() == name.trim());
        column
            .ok_or_else(|| unknown_column("--columns", name, None, &Column::ALL.map(Column::name)))
    };
    names.iter().map(find).collect()
}

fn order(args: &Arrangement) -> Result<order::Order, Failure> {
    let column = match &args.sort {
        None => order::Column::Verdict,
        Some(name) => order::Column::parse(name).map_err(|near| {
            unknown_column(
                "--sort",
                name,
                near,
                &order::Column::ALL.map(order::Column::name),
            )
        })?,
    };
    Ok(order::Order {
        column,
        reverse: args.reverse,
    })
}

pub(super) fn unknown_column(
    option: &str,
    name: &str,
    near: Option<&str>,
    all: &[&str],
) -> Failure {
    let hint = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the columns are {}", all.join(", ")),
    };
    Failure::Usage(format!(
        "{option}: there is no column {name:?}\nhint: {hint}"
    ))
}
