public import Synchronization

/// A queue from many threads to one owner, with one coalesced wake-up: whoever posts into an empty mailbox must wake the
/// owner, nobody else need. What each poster posts keeps its order.
///
/// ```
///            post -> true (wake the owner)
///   empty ───────────────────────────────▶ waiting ──┐ post -> false
///     ▲                                       │  ▲───┘
///     └───────────────────────────────────────┘
///                      drain
/// ```
///
/// The lock is held for one append or one swap of two arrays, never while an element is made, used or released. The
/// mailbox sets no limit of its own: a poster whose elements carry bytes posts within a budget its owner gave it.
public final class Mailbox<Element: Sendable>: Sendable {
  @usableFromInline let waiting = Mutex<[Element]>([])

  // Inlinable, so that it is compiled for the element it holds: for any element it would cost a keystroke some microseconds.

  /// An empty mailbox.
  @inlinable
  public init() {}

  /// Appends `element`, from any thread. True when the mailbox was empty: then, and only then, the poster must wake the
  /// owner, who may be asleep.
  @inlinable
  public func post(_ element: Element) -> Bool {
    waiting.withLock { elements in
      let wasEmpty = elements.isEmpty
      elements.append(element)
      return wasEmpty
    }
  }

  /// Takes everything posted so far, oldest first; for the owner alone. What `elements` held is removed, and its storage
  /// becomes the mailbox's, so that a busy pair of owner and mailbox allocates nothing.
  @inlinable
  public func drain(into elements: inout [Element]) {
    elements.removeAll(keepingCapacity: true)
    waiting.withLock { swap(&$0, &elements) }
  }
}
