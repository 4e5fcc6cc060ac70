//! Signals that ask us to leave or to stop for a while.

use crate::tui::message::Message;
use std::io;

/// The handlers.
#[cfg(unix)]
pub(super) struct Signals {
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
    stop: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    /// Installs the handlers.
    pub(super) fn listen() -> io::Result<Self> {
        use crate::tui::tty;
        use tokio::signal::unix::{SignalKind, signal};
        let stop = tty::stop_signal().map(SignalKind::from_raw);
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            stop: stop.map(signal).transpose()?,
        })
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) -> Message {
        let stop = async {
            match &mut self.stop {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.terminate.recv() => Message::Quit,
            _ = self.hang_up.recv() => Message::Quit,
            _ = self.interrupt.recv() => Message::Quit,
            _ = self.quit.recv() => Message::Quit,
            _ = stop => Message::Suspend,
        }
    }

    /// Waits for the next one while another program has the terminal: Ctrl-C and Ctrl-\ are meant for
    /// that one.
    pub(super) async fn next_while_away(&mut self) -> Message {
        let stop = async {
            match &mut self.stop {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        let interrupted = async {
            while self.interrupt.recv().await.is_some() {}
            std::future::pending::<()>().await;
        };
        let quit = async {
            while self.quit.recv().await.is_some() {}
            std::future::pending::<()>().await;
        };
        tokio::select! {
            _ = self.terminate.recv() => Message::Quit,
            _ = self.hang_up.recv() => Message::Quit,
            _ = stop => Message::Suspend,
            () = interrupted => Message::Quit,
            () = quit => Message::Quit,
        }
    }
}

/// The handlers.
#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Nothing to install.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    /// Waits for Ctrl-C from outside.
    pub(super) async fn next(&mut self) -> Message {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Message::Quit
    }

    /// Waits for the next one while another program has the terminal: Ctrl-C is meant for that one.
    pub(super) async fn next_while_away(&mut self) -> Message {
        while tokio::signal::ctrl_c().await.is_ok() {}
        std::future::pending().await
    }
}
