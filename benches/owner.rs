//! What "who owns port N" costs inside the process: `cargo bench --bench owner -- PORT`.
//!
//! Prints one line of JSON: the processes, the way they were found, the CPU time of that way, of the one the commands
//! take (`null` where it is not sure enough for them) and of a look at every process, each the median of several. `benches/engine.py` runs it beside a listener in a control group of its own.

#![expect(clippy::print_stdout, reason = "a benchmark measures and prints")]

#[cfg(target_os = "linux")]
fn main() -> Result<(), String> {
    use portwise::collect::{around, holders};
    use rustix::time::{ClockId, clock_gettime};

    fn cpu_ms<T>(work: impl Fn() -> Result<T, String>) -> Result<(f64, T), String> {
        let now = || clock_gettime(ClockId::ProcessCPUTime);
        let mut times = vec![];
        let mut last = work()?;
        for _ in 0..9 {
            let begin = now();
            last = work()?;
            let end = now();
            let seconds = i32::try_from(end.tv_sec - begin.tv_sec).map_or(0.0, f64::from);
            let nanoseconds = i32::try_from(end.tv_nsec - begin.tv_nsec).map_or(0.0, f64::from);
            times.push(seconds * 1e3 + nanoseconds / 1e6);
        }
        times.sort_by(f64::total_cmp);
        Ok((times.get(4).copied().unwrap_or_default(), last))
    }

    let port = std::env::args().find_map(|word| word.parse::<u16>().ok());
    let port = port.unwrap_or(22);
    let look = |thorough| move || holders(port, thorough).map_err(|error| error.words());
    let (cpu, found) = cpu_ms(look(false))?;
    let (thorough_cpu, _) = cpu_ms(look(true))?;
    let (around_cpu, around) = cpu_ms(|| Ok(around(&[port])))?;
    let around = around.map_or("null".to_owned(), |_| format!("{around_cpu:.3}"));
    println!(
        "{{\"mode\":\"owner\",\"port\":{port},\"pids\":{:?},\"way\":\"{:?}\",\"looked_into\":{},\
         \"cpu_ms\":{cpu:.3},\"commands_cpu_ms\":{around},\"thorough_cpu_ms\":{thorough_cpu:.3}}}",
        found.pids, found.way, found.looked_into
    );
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("only Linux has a short way");
}
