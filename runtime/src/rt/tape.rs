//! What loops and branches record for the reverse sweep.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

/// What a branch recorded: which half of its arms the one that ran is in, which half of that half, and so on.
#[derive(Clone, Debug)]
pub enum Arm<A, B> {
    /// One of the first half ran.
    Earlier(A),
    /// One of the others did.
    Later(B),
}

/// How many of the records of a loop over a constant are held in place: all where there is no heap, else up to 1024.
#[must_use]
pub const fn in_place(records: usize) -> usize {
    if records <= 1024 || cfg!(not(feature = "alloc")) { records } else { 0 }
}

/// The same of records that hold sequences, which may be long: up to `most`.
#[must_use]
pub const fn sequences_in_place(records: usize, most: usize) -> usize {
    if records <= most || cfg!(not(feature = "alloc")) { records } else { 0 }
}

/// How many of the records of a loop that may be left early there is room for in front of it.
#[inline]
#[must_use]
pub const fn at_first(records: usize) -> usize {
    if records < 1024 { records } else { 1024 }
}

/// As many records of so many numbers as take 64 KiB.
#[must_use]
pub const fn records_of(numbers: usize) -> usize {
    let all = 64 * 1024 / size_of::<f64>();
    match all.checked_div(numbers) {
        Some(records) => records,
        None => all,
    }
}

/// How many iterations loops inside of each other have that count up to constants. A negative one, cast to this, has none.
#[must_use]
pub const fn iterations<const LOOPS: usize>(ends: [usize; LOOPS]) -> usize {
    let (mut product, mut at) = (1usize, 0);
    while at < LOOPS {
        if ends[at] == 0 || ends[at] > isize::MAX as usize {
            return 0;
        }
        product = product.saturating_mul(ends[at]);
        at += 1;
    }
    product
}

/// Whether so many columns of so many numbers are held in place: where they take no more than 64 KiB, and where there is no heap.
#[must_use]
pub const fn columns_fit(numbers: usize, columns: usize) -> bool {
    numbers <= records_of(columns) || cfg!(not(feature = "alloc"))
}

/// The records of a loop: the first `N` in place, further ones on the heap.
#[derive(Debug)]
pub struct Tape<T, const N: usize> {
    in_place: [Option<T>; N],
    length: usize,
    #[cfg(feature = "alloc")]
    further: Vec<T>,
}

impl<T, const N: usize> Tape<T, N> {
    /// An empty tape.
    #[inline]
    #[must_use]
    #[allow(clippy::new_without_default, reason = "generated code calls it by this name only")]
    pub fn new() -> Self {
        Self::with_capacity(0)
    }

    /// An empty tape with room for so many records, of which some are in place.
    #[inline]
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        #[cfg(not(feature = "alloc"))]
        let _ = capacity;
        Self {
            in_place: [const { None }; N],
            length: 0,
            #[cfg(feature = "alloc")]
            further: Vec::with_capacity(capacity.saturating_sub(N)),
        }
    }

    /// Adds a record.
    ///
    /// # Panics
    ///
    /// If there is no place left and no heap; generated code gives the tape the length of its loop.
    #[inline]
    pub fn push(&mut self, record: T) {
        if self.length < N {
            self.in_place[self.length] = Some(record);
            self.length += 1;
            return;
        }
        #[cfg(feature = "alloc")]
        self.further.push(record);
        #[cfg(not(feature = "alloc"))]
        unreachable!("the tape has the length of its loop");
    }

    /// Adds a record, and lends it.
    ///
    /// # Panics
    ///
    /// As [`push`](Self::push) does.
    #[inline]
    pub fn put(&mut self, record: T) -> &mut T {
        self.push(record);
        self.newest()
    }

    /// Adds a copy of what is elsewhere, without another one on the way, and lends it.
    ///
    /// # Panics
    ///
    /// As [`push`](Self::push) does.
    #[inline]
    pub fn put_copy(&mut self, record: &T) -> &mut T
    where
        T: Clone,
    {
        #[cfg(feature = "alloc")]
        if N == 0 {
            self.further.extend_from_slice(core::slice::from_ref(record));
            return self.newest();
        }
        self.push(record.clone());
        self.newest()
    }

    #[inline]
    fn newest(&mut self) -> &mut T {
        #[cfg(feature = "alloc")]
        if let Some(newest) = self.further.last_mut() {
            return newest;
        }
        self.in_place[self.length - 1].as_mut().expect("a record was added")
    }

    /// Adds the records of a loop.
    #[inline]
    pub fn extend(&mut self, records: impl Iterator<Item = T>) {
        #[cfg(feature = "alloc")]
        if N == 0 {
            self.further.extend(records);
            return;
        }
        records.for_each(|record| self.push(record));
    }

    /// The number of records.
    #[inline]
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "generated code compares it with the length of a range")]
    pub fn len(&self) -> usize {
        #[cfg(feature = "alloc")]
        return self.length + self.further.len();
        #[cfg(not(feature = "alloc"))]
        self.length
    }

    /// The last records: of a tape with none in place, to which the runs of an inner loop add one after the other.
    #[inline]
    #[must_use]
    pub fn last(&self, count: usize) -> &[T] {
        self.records().last(count)
    }

    /// Removes the last records.
    #[inline]
    pub fn drop_last(&mut self, count: usize) {
        #[cfg(feature = "alloc")]
        self.further.truncate(self.further.len() - count);
        #[cfg(not(feature = "alloc"))]
        let _ = count;
    }

    /// The records of a tape with none in place, to be taken from the last on.
    #[inline]
    #[must_use]
    pub fn records(&self) -> Records<'_, T> {
        #[cfg(feature = "alloc")]
        return Records { left: &self.further };
        #[cfg(not(feature = "alloc"))]
        Records { left: &[] }
    }

    /// The records, the first first.
    #[inline]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        let in_place = self.in_place[..self.length].iter().flatten();
        #[cfg(feature = "alloc")]
        return in_place.chain(&self.further);
        #[cfg(not(feature = "alloc"))]
        in_place
    }
}

/// Where arrays stand: in place, or on the heap.
#[derive(Clone, Copy, Debug)]
pub struct InPlace<const FIT: bool>;

/// What keeps a number of each iteration of a loop up to the constant `N`: an array where it fits, else a `Vec`.
pub trait Column<const N: usize> {
    /// The numbers.
    type Of<T>;

    /// As many of one number.
    fn filled<T: Copy>(with: T) -> Self::Of<T>;

    /// Several of these, one behind the other.
    #[inline]
    fn several<T: Copy, const COUNT: usize>(with: T) -> [Self::Of<T>; COUNT] {
        core::array::from_fn(|_| Self::filled(with))
    }
}

impl<const N: usize> Column<N> for InPlace<true> {
    type Of<T> = [T; N];

    #[inline]
    fn filled<T: Copy>(with: T) -> [T; N] {
        [with; N]
    }
}

#[cfg(feature = "alloc")]
impl<const N: usize> Column<N> for InPlace<false> {
    type Of<T> = Vec<T>;

    #[inline]
    fn filled<T: Copy>(with: T) -> Vec<T> {
        alloc::vec![with; N]
    }
}

/// Vectors of numbers that a loop records, one behind the other.
#[cfg(feature = "alloc")]
#[derive(Debug)]
pub struct Rows<T> {
    numbers: Vec<T>,
    /// Where each ends.
    ends: Vec<usize>,
}

#[cfg(feature = "alloc")]
impl<T: Copy> Rows<T> {
    /// None yet, with room for so many.
    #[inline]
    #[must_use]
    pub fn with_capacity(rows: usize) -> Self {
        Self { numbers: Vec::new(), ends: Vec::with_capacity(rows) }
    }

    /// Adds a copy, and lends it. The first one asks for memory for all that there is room for.
    #[inline]
    pub fn put_copy(&mut self, row: &[T]) -> &[T] {
        let start = self.numbers.len();
        if self.ends.is_empty() {
            // where there is not so much, each of them asks for its own
            let _ = self.numbers.try_reserve_exact(row.len().saturating_mul(self.ends.capacity()));
        }
        self.numbers.extend_from_slice(row);
        self.ends.push(self.numbers.len());
        &self.numbers[start..]
    }

    /// How many there are.
    #[inline]
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "generated code compares it with the length of a range")]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// All of them, the first first.
    #[inline]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &[T]> {
        let start = |at: usize| at.checked_sub(1).map_or(0, |before| self.ends[before]);
        (0..self.ends.len()).map(move |at| &self.numbers[start(at)..self.ends[at]])
    }
}

/// The records of a loop in a constant.
#[derive(Debug)]
pub struct Fixed<T: Copy, const N: usize> {
    records: [Option<T>; N],
    length: usize,
}

impl<T: Copy, const N: usize> Fixed<T, N> {
    /// No records yet.
    #[inline]
    #[must_use]
    #[allow(clippy::new_without_default, reason = "generated code calls it by this name only")]
    pub const fn new() -> Self {
        Self { records: [None; N], length: 0 }
    }

    /// Adds a record.
    #[inline]
    pub const fn push(&mut self, record: T) {
        self.records[self.length] = Some(record);
        self.length += 1;
    }

    /// Removes the last record.
    ///
    /// # Panics
    ///
    /// If there is none; generated code takes as many as it adds.
    #[inline]
    pub const fn pop(&mut self) -> T {
        self.length -= 1;
        match self.records[self.length] {
            Some(record) => record,
            None => panic!("a record is taken for each that was added"),
        }
    }
}

/// Records that are taken from the last on, while their tape stays as it is.
#[derive(Clone, Copy, Debug)]
pub struct Records<'a, T> {
    left: &'a [T],
}

impl<'a, T> Records<'a, T> {
    /// The last records that are left.
    #[inline]
    #[must_use]
    pub fn last(&self, count: usize) -> &'a [T] {
        &self.left[self.left.len() - count..]
    }

    /// Leaves the last records out.
    #[inline]
    pub fn drop_last(&mut self, count: usize) {
        self.left = &self.left[..self.left.len() - count];
    }
}
