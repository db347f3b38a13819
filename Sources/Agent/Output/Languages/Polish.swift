import SessionModel

extension AgentWords {
  /// Polish: sentences that need neither Pan nor Pani.
  static let polish = AgentWords(
    connecting: { "Łączenie: \($0) …" }, connected: "Połączono.", connectedTo: { "Połączono: \($0)." },
    disconnected: { "Brak połączenia (\($0))." }, lineLost: { _ in "Brak połączenia." },
    tryingNow: "Próbujemy ponownie.",
    tryingIn: { "Ponowna próba za \($0) \(Language.polish.form($0, "sekundę", "sekundy", "sekund"))." },
    lineCut: "Zegar stoi, dopóki połączenie nie wróci. Rozpoczęta praca czeka.",
    yourCode: "Kod:",
    readItOut: """
      Proszę podyktować go technikowi po trzy cyfry.
      Nic się nie stanie bez zgody wyrażonej tutaj.
      Ctrl+C w każdej chwili kończy wszystko.
      """,
    codeAgain: { "Jeśli znów potrzebna pomoc, proszę podyktować: \($0). Jeśli nie, Ctrl+C." },
    yesOrNo: "Proszę wpisać t (tak) lub n (nie) i nacisnąć Enter: ",
    yesOrNoAgain: "Odpowiedź to t (tak) lub n (nie), potem Enter: ",
    number: { "Proszę wpisać \($0) i nacisnąć Enter: " }, numberAgain: { "Odpowiedź to \($0), potem Enter: " },
    or: " lub ",
    answerLost: "Odpowiedź nie dotarła. Proszę odpowiedzieć jeszcze raz.",
    takenBack: { _ in "Pytanie wycofano. Nic się nie stało." },
    choiceTakenBack: { "Pytanie wycofano. \($0.isEmpty ? "Nic nie uzgodniono." : Wording.sentence($0))" },
    timedOut: "Pytanie czekało zbyt długo i zostało wycofane. Nic się nie stało.",
    connectionLost: "Połączenie zostało zerwane przed odpowiedzią. Nic się nie stało.",
    unclearConsent: "To nie było ani t, ani n, więc uznajemy to za odmowę. Nic się nie stało.",
    unclearChoice: "Nie ma takiej odpowiedzi, więc nic nie uzgodniono. Proszę porozmawiać z technikiem.",
    standingYes: "(Zgoda przez --consent yes.)", standingNo: "(Przez --consent yes nic więcej się nie uzgadnia.)",
    chose: { "Wybrano \($0)." }, saidYes: "Odpowiedź: tak.", saidNo: "Odpowiedź: nie.",
    notAsked: { "Nie udało się zadać pytania (\($0)). Nic nie uzgodniono." },
    accepted: { "Odpowiedź: tak. \($0) może zaczynać. Ctrl+C w każdej chwili kończy wszystko." },
    declined: "Odpowiedź: nie. Nic się nie stało i nic to nie kosztuje.",
    refused: { "Technik (\($0)) prosił o dostęp i nie został wpuszczony (\($1)). Nic się nie stało." },
    working: { "\($0) pracuje na tym komputerze. Czas biegnie. Ctrl+C kończy." },
    noTime: { "Czas teraz nie biegnie: \($0)." },
    link: "brak połączenia", noChannel: "nikt nie jest połączony", paused: "przerwa",
    limit: "uzgodniony limit jest wyczerpany", idle: "od pewnego czasu nic nie robiono",
    storage: "serwer nie może prowadzić zapisów",
    isWorking: { "\($0) pracuje" }, soFar: { "dotąd \($0)" }, stops: "Ctrl+C kończy",
    stopping: "Kończymy wszystko …",
    ended: {
      "Zakończono \(Language.polish.form($0, "\($0) program", "\($0) programy", "\($0) programów")) z tej wizyty: \($1)."
    },
    moreEnded: { "jeszcze \($0)" },
    survivors: { "Nie udało się zakończyć: \($0). Proszę powiedzieć o tym technikowi." },
    endedBeforeYes: { name, _ in
      "Wizyta (\(name)) skończyła się, zanim dotarła zgoda, i w ogóle się nie zaczęła. Nikt nie jest połączony i nie ma nic do zapłaty."
    },
    askedAnew: { "To, co uzgodniono (\($0)), już nie obowiązuje i zostało zakończone. Pytanie padnie ponownie." },
    otherRelay: { "To nie jest serwer, któremu udzielono zgody: wizytę (\($0)) zakończono, pytanie padnie ponownie." },
    provisionalTitle: { "RACHUNEK TYMCZASOWY \($0)" },
    provisional: {
      """
      Zmierzono tutaj: najwyżej \($0).
      Potwierdzono: \($1). Więcej nie można naliczyć.
      """
    },
    outOfReach: "Nie udało się połączyć z serwerem.",
    notOnRecord: "Serwer nie może teraz zapisać swoich danych.",
    finalComes: """
      Rachunek z ceną przyjdzie, gdy ten program znów połączy
      się z serwerem.
      """,
    finalFromShop: {
      """
      Proszę to zachować. O rachunek z ceną proszę zwrócić się
      do tego, kto pomagał, podając wizytę \($0).
      """
    },
    receiptRefused: { "Rachunek wizyty \($0) jest nieprawidłowy i nie został zachowany: \($1)." },
    notCountersigned: { "Ten komputer nie podpisał tego rachunku: \($0). Proszę go zachować i zapytać." },
    receiptNotStored: { "Nie udało się zapisać rachunku: \($0)." })
}
