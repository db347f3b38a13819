import SessionModel

/// Every fixed sentence of one language that the agent says by itself; see ``Wording`` for when. No member has a default: a
/// language without one of them does not compile. Names and reasons come in already escaped, numbers and durations already
/// written as the language writes them.
///
/// Reasons of errors are English in every language: they are for whoever is asked for help.
struct AgentWords: Sendable {
  typealias Text = @Sendable (String) -> String
  typealias Two = @Sendable (_ first: String, _ second: String) -> String

  // MARK: Connecting
  var connecting: Text
  var connected: String
  var connectedTo: Text
  /// Before it was connected for the first time, with the reason: something may have to be mended.
  var disconnected: Text
  /// Once it was connected, with the reason, which is English and told in no other language: it is tried again by itself.
  var lineLost: Text
  var tryingNow: String
  var tryingIn: @Sendable (_ seconds: Int64) -> String
  /// While somebody is at work and the line is down.
  var lineCut: String

  // MARK: The code
  var yourCode: String
  /// What to do with it, in lines.
  var readItOut: String
  var codeAgain: Text

  // MARK: Questions
  /// For yes or no, and again after something else was typed; a space at the end.
  var yesOrNo, yesOrNoAgain: String
  /// The same for a list of numbers.
  var number, numberAgain: Text
  /// Between the last two numbers, with spaces.
  var or: String
  /// Above a question that he answered and that is asked once more.
  var answerLost: String
  /// A question before, and one after his yes, with the relay's reason, which is English and told in no other language.
  var takenBack, choiceTakenBack: Text
  var timedOut, connectionLost, unclearConsent, unclearChoice: String
  /// Behind words that nobody was asked about.
  var standingYes, standingNo: String

  // MARK: Answers
  var chose: Text
  var saidYes, saidNo: String
  var notAsked: Text
  var accepted: Text
  var declined: String
  var refused: Two

  // MARK: The visit
  var working: Text
  var noTime: Text
  /// Why no time counts, to stand behind ``noTime``.
  var link, noChannel, paused, limit, idle, storage: String
  /// The line that is kept up to date: who works, the price so far, how to stop it. Short: all three share 60 columns.
  var isWorking, soFar: Text
  var stops: String

  // MARK: The end
  var stopping: String
  /// How many programs were ended, and which.
  var ended: @Sendable (_ count: Int64, _ names: String) -> String
  var moreEnded, survivors: @Sendable (_ count: Int64) -> String
  /// A visit that ended before the yes arrived, so it never began and costs nothing: whose, and the relay's reason, which is
  /// English and told in no other language.
  var endedBeforeYes: Two
  var askedAnew: Text
  var otherRelay: Text

  // MARK: Receipts
  /// Of a receipt the agent makes alone: the session; then how long at most, and how long was confirmed.
  var provisionalTitle: Text
  var provisional: Two
  /// Behind it: why there is no other, and how he gets the one with the price; a guest gets it from the shop, for a session.
  /// In lines of at most 60 columns.
  var outOfReach, notOnRecord, finalComes: String
  var finalFromShop: Text
  /// Session, why.
  var receiptRefused: Two
  var notCountersigned, receiptNotStored: Text

  /// The one table of a language.
  static func of(_ language: Language) -> AgentWords {
    switch language {
    case .english: english
    case .korean: korean
    case .finnish: finnish
    case .russian: russian
    case .polish: polish
    }
  }
}
