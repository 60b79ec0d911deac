//! Counts allocated bytes as `cotext replay` does: what malloc really set aside, per block.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

pub struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// Without locking the bus, which would take longer than the allocation: no engine here starts
// threads.
fn add(bytes: usize) {
    let live = LIVE.load(Relaxed).wrapping_add(bytes);
    LIVE.store(live, Relaxed);
    if live > PEAK.load(Relaxed) {
        PEAK.store(live, Relaxed);
    }
}

unsafe fn size(block: *mut u8) -> usize {
    libc::malloc_usable_size(block.cast())
}

unsafe fn count(block: *mut u8) -> *mut u8 {
    if !block.is_null() {
        add(size(block));
    }
    block
}

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(System.alloc(layout))
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(System.alloc_zeroed(layout))
    }
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        add(size(block).wrapping_neg());
        System.dealloc(block, layout)
    }
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let before = size(block);
        let new = System.realloc(block, layout, new_size);
        if !new.is_null() {
            add(before.wrapping_neg());
            add(size(new));
        }
        new
    }
}

pub fn live() -> usize {
    LIVE.load(Relaxed)
}

pub fn peak() -> usize {
    PEAK.load(Relaxed)
}

pub fn reset_peak() {
    PEAK.store(live(), Relaxed);
}

/// Makes malloc keep what is freed, as `cotext replay` does: a run that allocates it again would
/// otherwise pay page faults, or none, by where the last block in use happens to lie.
pub fn keep_freed() {
    // SAFETY: two settings of the allocator, made before anything is timed.
    unsafe {
        libc::mallopt(libc::M_TRIM_THRESHOLD, -1);
        libc::mallopt(libc::M_MMAP_MAX, 0);
    }
}
