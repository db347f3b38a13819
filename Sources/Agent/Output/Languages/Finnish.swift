import SessionModel

extension AgentWords {
  /// Finnish: "you" in the polite plural.
  static let finnish = AgentWords(
    connecting: { "Yhdistetään: \($0) …" }, connected: "Yhteys on muodostettu.",
    connectedTo: { "Yhteys on muodostettu: \($0)." },
    disconnected: { "Yhteyttä ei ole (\($0))." }, lineLost: { _ in "Yhteyttä ei ole." },
    tryingNow: "Yritetään heti uudelleen.",
    tryingIn: { "Yritetään uudelleen \($0) sekunnin kuluttua." },
    lineCut: "Kello on pysähdyksissä, kunnes yhteys palaa. Aloitettu työ odottaa.",
    yourCode: "Koodinne:",
    readItOut: """
      Lukekaa se tukihenkilölle kolme numeroa kerrallaan.
      Mitään ei tapahdu, ennen kuin hyväksytte sen täällä.
      Ctrl+C lopettaa kaiken milloin tahansa.
      """,
    codeAgain: { "Jos tarvitsette vielä apua, lukekaa koodi \($0). Muuten lopettakaa: Ctrl+C." },
    yesOrNo: "Kirjoittakaa k (kyllä) tai e (ei) ja painakaa Enter: ",
    yesOrNoAgain: "Vastaus on k (kyllä) tai e (ei), sitten Enter: ",
    number: { "Kirjoittakaa \($0) ja painakaa Enter: " }, numberAgain: { "Vastaus on \($0), sitten Enter: " },
    or: " tai ",
    answerLost: "Vastauksenne ei ehtinyt perille. Vastatkaa vielä kerran.",
    takenBack: { _ in "Kysymys peruttiin. Mitään ei tapahtunut." },
    choiceTakenBack: { "Kysymys peruttiin. \($0.isEmpty ? "Mitään ei sovittu." : Wording.sentence($0))" },
    timedOut: "Kysymys odotti liian kauan ja peruttiin. Mitään ei tapahtunut.",
    connectionLost: "Yhteys katkesi ennen vastaustanne. Mitään ei tapahtunut.",
    unclearConsent: "Vastaus ei ollut k eikä e, joten se tulkitaan kielloksi. Mitään ei tapahtunut.",
    unclearChoice: "Se ei ollut mikään vastauksista, joten mitään ei sovittu. Puhukaa tukihenkilölle.",
    standingYes: "(Hyväksytty valinnalla --consent yes.)",
    standingNo: "(Valinnalla --consent yes ei sovita mitään enempää.)",
    chose: { "Valitsitte \($0)." }, saidYes: "Vastasitte kyllä.", saidNo: "Vastasitte ei.",
    notAsked: { "Teiltä ei voitu kysyä jotakin (\($0)). Mitään ei sovittu." },
    accepted: { "Vastasitte kyllä. \($0) voi nyt aloittaa. Ctrl+C lopettaa kaiken milloin tahansa." },
    declined: "Vastasitte ei. Mitään ei tapahtunut, eikä se maksa mitään.",
    refused: { "\($0) tarjoutui auttamaan ja torjuttiin (\($1)). Mitään ei tapahtunut." },
    working: { "\($0) käyttää nyt tätä tietokonetta. Aika juoksee. Ctrl+C lopettaa." },
    noTime: { "Aikaa ei juuri nyt lasketa: \($0)." },
    link: "yhteys on poikki", noChannel: "kukaan ei ole yhteydessä", paused: "tauko",
    limit: "sovittu raja on täynnä", idle: "hetkeen ei ole tehty mitään",
    storage: "palvelin ei voi kirjata tapahtumia",
    isWorking: { "\($0) työssä" }, soFar: { "tähän asti \($0)" }, stops: "Ctrl+C lopettaa",
    stopping: "Kaikki lopetetaan …",
    ended: { "Käynnin ohjelmista lopetettiin \($0): \($1)." },
    moreEnded: { $0 == 1 ? "1 muu" : "\($0) muuta" },
    survivors: { "\($0) ei suostunut loppumaan: kertokaa siitä tukihenkilölle." },
    endedBeforeYes: { name, _ in
      "Käynti (\(name)) päättyi ennen kuin vastauksenne ehti perille, eikä se alkanut. Kukaan ei ole yhteydessä, eikä maksettavaa ole."
    },
    askedAnew: { "Se, mistä sovitte (\($0)), ei ole enää voimassa ja päätettiin. Teiltä kysytään uudelleen." },
    otherRelay: { "Palvelin ei ole se, jolle annoitte luvan: käynti (\($0)) päätettiin, ja lupa kysytään uudelleen." },
    provisionalTitle: { "VÄLIAIKAINEN KUITTI \($0)" },
    provisional: {
      """
      Tässä mitattu: enintään \($0).
      Vahvistettu: \($1). Enempää ei voi laskuttaa.
      """
    },
    outOfReach: "Palvelimeen ei saatu yhteyttä.",
    notOnRecord: "Palvelin ei juuri nyt voi tallentaa tietojaan.",
    finalComes: """
      Kuitti hintoineen tulee, kun tämä ohjelma saa
      palvelimeen taas yhteyden.
      """,
    finalFromShop: {
      """
      Säilyttäkää tämä. Pyytäkää kuitti hintoineen auttajaltanne;
      mainitkaa käynti \($0).
      """
    },
    receiptRefused: { "Käynnin \($0) kuitti ei pidä paikkaansa, eikä sitä säilytetä: \($1)." },
    notCountersigned: { "Tämä tietokone ei allekirjoittanut tätä kuittia: \($0). Säilyttäkää se ja kysykää." },
    receiptNotStored: { "Kuittia ei voitu tallentaa: \($0)." })
}
