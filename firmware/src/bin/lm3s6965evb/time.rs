//! Time and buttons: SysTick counts milliseconds and samples the buttons in each.

use core::cell::RefCell;
use core::sync::atomic::{AtomicU32, Ordering};

use cortex_m::peripheral::{SYST, syst::SystClkSource};
use cortex_m_rt::exception;
use critical_section::Mutex;
use firmware::{Cost, Meter, Unit, buttons::Event, events::ButtonQueue};

use crate::chip::{NANOS_PER_TICK, TICKS_PER_MICRO, TICKS_PER_MILLI, pressed};

/// The longest period of SysTick, which has 24 bits.
const LONGEST_PERIOD: u32 = 1 << 24;

/// Milliseconds since the start: SysTick's periods.
static MILLIS: AtomicU32 = AtomicU32::new(0);
/// Filled by SysTick, emptied by the main loop.
static BUTTONS: Mutex<RefCell<ButtonQueue>> = Mutex::new(RefCell::new(ButtonQueue::new()));

/// From here on an interrupt comes each millisecond.
pub fn start(mut systick: SYST) -> SYST {
    systick.set_clock_source(SystClkSource::Core);
    systick.set_reload(TICKS_PER_MILLI - 1);
    systick.clear_current();
    systick.enable_counter();
    systick.enable_interrupt();
    systick
}

/// SysTick's periods so far, and its count, which goes down to 0 in each.
fn systick() -> (u32, u32) {
    loop {
        let (periods, count) = (MILLIS.load(Ordering::Relaxed), SYST::get_current());
        // A period may have ended between the two readings: then read again.
        if periods == MILLIS.load(Ordering::Relaxed) {
            return (periods, count);
        }
    }
}

/// Sleeps until SysTick, unless an event waits.
pub fn next_event() -> Option<Event> {
    let event = critical_section::with(|token| BUTTONS.borrow_ref_mut(token).pop());
    if event.is_none() {
        cortex_m::asm::wfi();
    }
    event
}

/// Microseconds since the start; wraps around after 71 minutes.
pub fn micros() -> u32 {
    let (millis, count) = systick();
    let ticks = TICKS_PER_MILLI - 1 - count.min(TICKS_PER_MILLI - 1);
    millis.wrapping_mul(1_000).wrapping_add(ticks / TICKS_PER_MICRO)
}

#[exception]
fn SysTick() {
    end_millisecond();
}

fn end_millisecond() {
    MILLIS.fetch_add(1, Ordering::Relaxed);
    critical_section::with(|token| BUTTONS.borrow_ref_mut(token).sample(pressed()));
}

/// Counts instructions by the emulator's time, of which each takes the same.
pub struct InstructionCounter {
    /// Running.
    pub systick: SYST,
    /// An instruction takes 2 to the power of this, in nanoseconds; `None` where time is not by instructions.
    pub icount_shift: Option<u32>,
}

impl Meter for InstructionCounter {
    fn measure<T>(&mut self, work: impl FnOnce() -> T) -> (T, Option<Cost>) {
        let start = self.start();
        let made = work();
        (made, start.and_then(|start| self.stop(start)))
    }
}

impl InstructionCounter {
    /// An interrupt each millisecond would be counted too; so from here on one comes after 20 million instructions.
    #[inline(never)]
    fn start(&mut self) -> Option<(u32, u32)> {
        self.icount_shift?;
        self.restart(LONGEST_PERIOD);
        Some(systick())
    }

    /// The instructions since [`start`](Self::start); from here on an interrupt comes each millisecond.
    #[inline(never)]
    fn stop(&mut self, (first_period, start): (u32, u32)) -> Option<Cost> {
        let (last_period, end) = systick();
        self.restart(TICKS_PER_MILLI);
        let periods = last_period.wrapping_sub(first_period);
        // 32 bits of ticks are 86 seconds.
        let ticks =
            periods.wrapping_mul(LONGEST_PERIOD).wrapping_add(start.wrapping_sub(end) % LONGEST_PERIOD);
        // The milliseconds that went by uncounted: time goes on, and a button held all the while is seen to be.
        for _ in periods..ticks / TICKS_PER_MILLI {
            end_millisecond();
        }
        let amount = (u64::from(ticks) * NANOS_PER_TICK).checked_shr(self.icount_shift?)?;
        Some(Cost { amount: u32::try_from(amount).unwrap_or(u32::MAX), unit: Unit::Instructions })
    }

    /// Begins a period of `ticks` ticks, which all that follow have too.
    fn restart(&mut self, ticks: u32) {
        self.systick.set_reload(ticks - 1);
        self.systick.clear_current();
    }
}
