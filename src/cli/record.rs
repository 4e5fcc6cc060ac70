//! `record`: samples into a file, until told to stop.

use super::{
    Ending,
    args::Record,
    context::Context,
    error::{self, Failure},
};
use crate::{
    collect::{self, recording::Writer},
    report::plural,
};
use tokio::{signal, time};

pub(super) fn run(context: &Context, args: &Record) -> Result<Ending, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(record(context, args))
}

async fn record(context: &Context, args: &Record) -> Result<Ending, Failure> {
    let mut source = collect::open(&context.source)?;
    let mut writer = Writer::create(&args.to)?;
    let mut ticks = time::interval(context.settings.interval);
    ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    let end = async {
        match args.span {
            Some(span) => time::sleep(span).await,
            None => std::future::pending().await,
        }
    };
    let stop = stopped();
    tokio::pin!(end, stop);
    let mut count = 0;
    loop {
        tokio::select! {
            biased;
            result = &mut stop => { result?; break }
            () = &mut end => break,
            _ = ticks.tick() => match source.sample()? {
                Some(sample) => { writer.append(&sample)?; count += 1; }
                None => break,
            },
        }
    }
    if !context.quiet {
        error::print(format_args!(
            "{} in {}",
            plural(count, "sample"),
            args.to.display()
        ));
    }
    Ok(Ending::Well)
}

/// Waits for SIGINT or SIGTERM.
async fn stopped() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
        tokio::select! {
            result = signal::ctrl_c() => result,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    signal::ctrl_c().await
}
