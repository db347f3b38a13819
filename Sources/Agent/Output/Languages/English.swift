import SessionModel

extension AgentWords {
  /// English.
  static let english = AgentWords(
    connecting: { "Connecting to \($0) …" }, connected: "Connected.", connectedTo: { "Connected to \($0)." },
    disconnected: { Wording.sentence($0) }, lineLost: { Wording.sentence($0) }, tryingNow: "Trying again now.",
    tryingIn: { "Trying again in \(CountText.of($0, "second"))." },
    lineCut: "The clock stands still until the connection is back. What was begun waits for it.",
    yourCode: "Your code:",
    readItOut: """
      Read it to your technician, three digits at a time.
      Nothing happens until you say yes here.
      Ctrl+C stops everything, at any moment.
      """,
    codeAgain: { "If you need help again, read out: \($0). Otherwise press Ctrl+C to end." },
    yesOrNo: "Type y or n, then Enter: ", yesOrNoAgain: "Please type y for yes or n for no, then Enter: ",
    number: { "Type \($0), then Enter: " }, numberAgain: { "Please type \($0), then Enter: " }, or: " or ",
    answerLost: "Your answer did not arrive. Please answer once more.",
    takenBack: {
      $0.isEmpty
        ? "The question was taken back. Nothing happened."
        : "The question was taken back. \(Wording.sentence($0)) Nothing happened."
    },
    choiceTakenBack: {
      "The question was taken back. \($0.isEmpty ? "Nothing was agreed to." : Wording.sentence($0))"
    },
    timedOut: "The question stood too long and was taken back. Nothing happened.",
    connectionLost: "The connection was lost before you answered. Nothing happened.",
    unclearConsent: "That was neither y nor n, so it counts as no. Nothing happened.",
    unclearChoice: "That was none of the answers, so nothing was agreed to. Talk to your technician.",
    standingYes: "(Yes by --consent yes.)", standingNo: "(By --consent yes nothing more is agreed to.)",
    chose: { "You chose \($0)." }, saidYes: "You said yes.", saidNo: "You said no.",
    notAsked: { "You could not be asked something: \($0). Nothing was agreed to." },
    accepted: { "You said yes. \($0) can start now. Ctrl+C stops everything, at any moment." },
    declined: "You said no. Nothing happened, and it costs nothing.",
    refused: { "\($0) asked to help you and was turned away: \($1). Nothing happened." },
    working: { "\($0) is working on this computer. Time counts now. Ctrl+C stops it." },
    noTime: { "No time counts at the moment: \($0)." },
    link: "the connection is down", noChannel: "nobody is connected", paused: "paused",
    limit: "the agreed limit is reached", idle: "nothing was done for a while",
    storage: "the relay cannot write its records",
    isWorking: { "\($0) is working" }, soFar: { "\($0) so far" }, stops: "Ctrl+C stops it",
    stopping: "Stopping everything …",
    ended: { "Ended \(CountText.of($0, "program")) of the visit: \($1)." },
    moreEnded: { "\($0) more" }, survivors: { "\($0) could not be ended: tell your technician." },
    endedBeforeYes: {
      "The visit of \($0) was ended before your yes arrived.\($1.isEmpty ? "" : " \(Wording.sentence($1))") It never began: no one is connected, and there is nothing to pay."
    },
    askedAnew: { "What you agreed to with \($0) does not hold any more and was ended. You are asked anew." },
    otherRelay: {
      "The relay is not the one you said yes to: the visit of \($0) was ended, and you would be asked anew."
    },
    provisionalTitle: { "PROVISIONAL RECEIPT \($0)" },
    provisional: {
      """
      Measured here: at most \($0).
      Confirmed so far: \($1). No more can be charged.
      """
    },
    outOfReach: "The other side could not be reached.",
    notOnRecord: "The other side cannot write its records for now.",
    finalComes: """
      The receipt with the price comes when this program
      connects to it again.
      """,
    finalFromShop: {
      """
      Keep this. For the receipt with the price, ask whoever
      helped you; name visit \($0).
      """
    },
    receiptRefused: { "The receipt of visit \($0) does not hold and is not kept: \($1)." },
    notCountersigned: { "This computer did not sign this receipt: \($0). Keep it, and ask." },
    receiptNotStored: { "The receipt could not be stored: \($0)." })
}
