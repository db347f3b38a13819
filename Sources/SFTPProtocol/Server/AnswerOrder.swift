/// Keeps the answers to the READs of one handle in the order in which they were asked. They are done side by side, and the
/// protocol would let them be answered as they finish (draft-ietf-secsh-filexfer-02, section 6.1); but OpenSSH's client takes
/// an answer out of order for the end of what it may keep, and cuts the file it has just fetched off there.
///
/// ```
///   expect(job) ──finish(job, …)──▶ held while an earlier one runs ──▶ out, in order
/// ```
struct AnswerOrder<Answer: Sendable>: Sendable {
  private var waiting: [(job: UInt64, answer: Answer?)] = []

  /// Whether nothing is expected.
  var isEmpty: Bool { waiting.isEmpty }

  /// One more, behind the others.
  mutating func expect(_ job: UInt64) { waiting.append((job, nil)) }

  /// An expected one is done: the answers that may go now, in order.
  mutating func finish(_ job: UInt64, _ answer: Answer) -> [Answer] {
    guard let place = waiting.firstIndex(where: { $0.job == job }) else { return [answer] }
    waiting[place].answer = answer
    guard place == 0 else { return [] }
    let ready = waiting.prefix { $0.answer != nil }.compactMap(\.answer)
    waiting.removeFirst(ready.count)
    return ready
  }
}
