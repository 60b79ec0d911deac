//! The shortest script between two texts, after Myers (1986), as patches.

/// The most insertions and deletions that are looked for; beyond it everything between the common
/// beginning and the common end is replaced. The search keeps a row for each, so this is also what
/// bounds its memory, at 32 MB.
const EDITS_MAX: usize = 4000;

/// Replaces `deleted` characters at `position` by `inserted`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub position: usize,
    pub deleted: usize,
    pub inserted: String,
}

/// Edits that make `to` of `from`, one after another, from the end to the beginning: none moves
/// what those after it refer to.
pub fn diff(from: &[char], to: &[char]) -> Vec<Edit> {
    let prefix = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    let (a, b) = (&from[prefix..], &to[prefix..]);
    let suffix = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - suffix], &b[..b.len() - suffix]);
    if a.is_empty() && b.is_empty() {
        return vec![];
    }
    let steps = match shortest(a, b) {
        Some(steps) => steps,
        None => vec![(0, a.len(), 0, b.len())],
    };
    steps
        .into_iter()
        .map(|(at, deleted, begin, end)| Edit {
            position: prefix + at,
            deleted,
            inserted: b[begin..end].iter().collect(),
        })
        .collect()
}

/// As (place in a, deleted there, range in b inserted there), from the end to the beginning.
fn shortest(a: &[char], b: &[char]) -> Option<Vec<(usize, usize, usize, usize)>> {
    let (n, m) = (a.len() as isize, b.len() as isize);
    let offset = EDITS_MAX as isize + 1;
    let mut furthest = vec![0isize; 2 * offset as usize + 1];
    let mut rows: Vec<Vec<i32>> = vec![];
    for edits in 0..=EDITS_MAX as isize {
        for k in (-edits..=edits).step_by(2) {
            let down = k == -edits
                || (k != edits
                    && furthest[(offset + k - 1) as usize] < furthest[(offset + k + 1) as usize]);
            let mut x = if down {
                furthest[(offset + k + 1) as usize]
            } else {
                furthest[(offset + k - 1) as usize] + 1
            };
            while x < n && x - k < m && a[x as usize] == b[(x - k) as usize] {
                x += 1;
            }
            furthest[(offset + k) as usize] = x;
            if x >= n && x - k >= m {
                return Some(trace_back(&rows, edits, n, m));
            }
        }
        rows.push((-edits..=edits).map(|k| furthest[(offset + k) as usize] as i32).collect());
    }
    None
}

fn trace_back(
    rows: &[Vec<i32>],
    edits: isize,
    n: isize,
    m: isize,
) -> Vec<(usize, usize, usize, usize)> {
    let mut steps: Vec<(usize, usize, usize, usize)> = vec![];
    let (mut x, mut y) = (n, m);
    for edit in (1..=edits).rev() {
        let row = &rows[edit as usize - 1];
        let at = |k: isize| -> isize {
            if k.abs() > edit - 1 {
                -1
            } else {
                row[(k + edit - 1) as usize] as isize
            }
        };
        let k = x - y;
        let down = k == -edit || (k != edit && at(k - 1) < at(k + 1));
        let before = if down { k + 1 } else { k - 1 };
        let (from_x, from_y) = (at(before), at(before) - before);
        let step = if down {
            (from_x as usize, 0, from_y as usize, from_y as usize + 1)
        } else {
            (from_x as usize, 1, from_y as usize, from_y as usize)
        };
        match steps.last_mut() {
            // Continues the one found before, which stands right behind it in both texts.
            Some(last) if last.0 == step.0 + step.1 && last.2 == step.3 => {
                *last = (step.0, last.1 + step.1, step.2, last.3);
            }
            _ => steps.push(step),
        }
        (x, y) = (from_x, from_y);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(from: &str, edits: &[Edit]) -> String {
        let mut text: Vec<char> = from.chars().collect();
        for edit in edits {
            let range = edit.position..edit.position + edit.deleted;
            text.splice(range, edit.inserted.chars());
        }
        text.into_iter().collect()
    }

    fn edits(from: &str, to: &str) -> Vec<Edit> {
        let chars = |text: &str| text.chars().collect::<Vec<char>>();
        diff(&chars(from), &chars(to))
    }

    #[test]
    fn edits_make_one_text_of_another_for_all_short_texts() {
        let mut texts = vec![String::new()];
        for begin in 0..121 {
            for letter in ['a', 'b', '\u{e9}'] {
                texts.push(format!("{}{letter}", texts[begin]));
            }
        }
        for from in &texts {
            for to in &texts {
                assert_eq!(&apply(from, &edits(from, to)), to, "{from} to {to}");
            }
        }
    }

    #[test]
    fn the_script_is_the_shortest() {
        let found = edits("abcabba", "cbabac");
        let size: usize = found.iter().map(|e| e.deleted + e.inserted.chars().count()).sum();
        assert_eq!(size, 5, "{found:?}");
        assert_eq!(edits("abc", "abxc").len(), 1);
        assert!(edits("abc", "abc").is_empty());
    }

    #[test]
    fn distant_edits_stay_two() {
        let middle = "m".repeat(1000);
        let found = edits(&format!("a{middle}b"), &format!("x{middle}y"));
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn texts_without_anything_in_common_are_replaced() {
        let from = "a".repeat(EDITS_MAX);
        let to = "b".repeat(EDITS_MAX);
        assert_eq!(edits(&from, &to), [Edit { position: 0, deleted: EDITS_MAX, inserted: to }]);
    }
}
