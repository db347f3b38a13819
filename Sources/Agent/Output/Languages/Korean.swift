import SessionModel

extension AgentWords {
  /// Korean: the polite formal style.
  static let korean = AgentWords(
    connecting: { "\($0)에 연결하고 있습니다 …" }, connected: "연결되었습니다.", connectedTo: { "연결되었습니다: \($0)." },
    disconnected: { "연결이 되지 않습니다 (\($0))." }, lineLost: { _ in "연결이 끊어졌습니다." }, tryingNow: "지금 다시 연결해 봅니다.",
    tryingIn: { "\($0)초 뒤에 다시 연결해 봅니다." },
    lineCut: "다시 연결될 때까지 시간은 계산되지 않습니다. 하던 작업은 기다립니다.",
    yourCode: "고객님의 코드:",
    readItOut: """
      기사에게 세 자리씩 읽어 주세요.
      여기에서 동의하시기 전에는 아무 일도 일어나지 않습니다.
      Ctrl+C를 누르면 언제든지 모두 멈춥니다.
      """,
    codeAgain: { "다시 도움이 필요하면 코드 \($0)번을 읽어 주세요. 끝내려면 Ctrl+C를 누르세요." },
    yesOrNo: "y(예) 또는 n(아니요)을 입력하고 Enter를 누르세요: ",
    yesOrNoAgain: "y(예)나 n(아니요)만 입력하고 Enter를 누르세요: ",
    number: { "\($0) 중 하나를 입력하고 Enter를 누르세요: " }, numberAgain: { "\($0) 중 하나만 입력하고 Enter를 누르세요: " },
    or: ", ",
    answerLost: "답변이 전달되지 않았습니다. 한 번 더 답해 주세요.",
    takenBack: { _ in "질문이 취소되었습니다. 아무 일도 없었습니다." },
    choiceTakenBack: { "질문이 취소되었습니다. \($0.isEmpty ? "아무것도 정해지지 않았습니다." : Wording.sentence($0))" },
    timedOut: "너무 오래 기다려서 질문이 취소되었습니다. 아무 일도 없었습니다.",
    connectionLost: "답하시기 전에 연결이 끊어졌습니다. 아무 일도 없었습니다.",
    unclearConsent: "y도 n도 아니어서 거절로 처리합니다. 아무 일도 없었습니다.",
    unclearChoice: "선택할 수 있는 답이 아니어서 아무것도 정해지지 않았습니다. 기사와 이야기해 주세요.",
    standingYes: "(--consent yes 설정으로 동의함.)", standingNo: "(--consent yes 설정으로는 더 이상 동의하지 않습니다.)",
    chose: { "\($0)번을 고르셨습니다." }, saidYes: "동의하셨습니다.", saidNo: "거절하셨습니다.",
    notAsked: { "질문을 드리지 못했습니다 (\($0)). 아무것도 정해지지 않았습니다." },
    accepted: { "동의하셨습니다. \($0) 기사가 이제 시작할 수 있습니다. Ctrl+C를 누르면 언제든지 모두 멈춥니다." },
    declined: "거절하셨습니다. 아무 일도 없었고 비용도 없습니다.",
    refused: { "\($0) 기사의 접속 요청이 거부되었습니다 (\($1)). 아무 일도 없었습니다." },
    working: { "\($0) 기사가 이 컴퓨터에서 작업 중입니다. 시간이 계산됩니다. Ctrl+C를 누르면 멈춥니다." },
    noTime: { "지금은 시간이 계산되지 않습니다: \($0)." },
    link: "연결이 끊어짐", noChannel: "접속한 사람이 없음", paused: "일시 중지", limit: "합의한 한도에 이름",
    idle: "한동안 작업이 없음", storage: "서버가 기록할 수 없음",
    isWorking: { "\($0) 작업 중" }, soFar: { "현재 \($0)" }, stops: "Ctrl+C로 중지",
    stopping: "모두 멈추는 중입니다 …",
    ended: { "이번 작업의 프로그램 \($0)개를 끝냈습니다: \($1)." },
    moreEnded: { "외 \($0)개" },
    survivors: { "\($0)개는 끝내지 못했습니다. 기사에게 알려 주세요." },
    endedBeforeYes: { name, _ in
      "동의가 전달되기 전에 작업(\(name))이 끝나서 시작되지 않았습니다. 연결된 사람은 없으며 내실 비용도 없습니다."
    },
    askedAnew: { "\($0) 기사와 정하신 내용은 더 이상 유효하지 않아 끝냈습니다. 다시 여쭤보겠습니다." },
    otherRelay: { "동의하신 서버가 아닙니다. 작업(\($0))을 끝냈으며 다시 여쭤보겠습니다." },
    provisionalTitle: { "임시 영수증 \($0)" },
    provisional: {
      """
      여기에서 잰 시간: 최대 \($0)
      지금까지 확인: \($1). 더는 청구할 수 없습니다.
      """
    },
    outOfReach: "서버에 연결할 수 없었습니다.",
    notOnRecord: "서버가 지금 기록을 저장할 수 없습니다.",
    finalComes: """
      가격이 적힌 영수증은 이 프로그램이 다시 연결되면
      받게 됩니다.
      """,
    finalFromShop: {
      """
      이 영수증을 보관하세요. 가격이 적힌 영수증은 도와준 곳에
      요청하고 작업 번호를 알려 주세요: \($0)
      """
    },
    receiptRefused: { "작업 \($0)의 영수증이 맞지 않아 보관하지 않습니다: \($1)." },
    notCountersigned: { "이 컴퓨터는 이 영수증에 서명하지 않았습니다: \($0). 보관하시고 문의해 주세요." },
    receiptNotStored: { "영수증을 저장하지 못했습니다: \($0)." })
}
