//! What "who owns port N" costs inside the process: `cargo bench --bench owner -- PORT`.
//!
//! Prints one line of JSON: the processes that the commands look at, as the short way tells them (`null` where it is not
//! sure enough), and the CPU time of that way and of a look into every process and thread, each the median of several.
//! `benches/engine.py` runs it beside a listener in a control group of its own.

#![expect(clippy::print_stdout, reason = "a benchmark measures and prints")]

#[cfg(target_os = "linux")]
fn main() {
    use portwise::collect::{among_all, around};
    use rustix::time::{ClockId, clock_gettime};
    use std::time::Duration;

    fn cpu_ms<T>(work: impl Fn() -> T) -> (f64, T) {
        let now = || Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default();
        let mut times = vec![];
        let mut last = work();
        for _ in 0..9 {
            let begin = now();
            last = work();
            times.push(now().saturating_sub(begin).as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        (times.get(4).copied().unwrap_or_default(), last)
    }

    let port = std::env::args().find_map(|word| word.parse::<u16>().ok());
    let port = port.unwrap_or(22);
    let (commands, around) = cpu_ms(|| around(&[port]));
    let (thorough, _) = cpu_ms(|| among_all(&[port]));
    let pids = around.map_or("null".to_owned(), |pids| format!("{pids:?}"));
    println!(
        "{{\"mode\":\"owner\",\"port\":{port},\"pids\":{pids},\
         \"commands_cpu_ms\":{commands:.3},\"thorough_cpu_ms\":{thorough:.3}}}"
    );
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("only Linux has a short way");
}
