/// Everything a technician's side may use up, in one place. The values are the defaults; an operator may set others.
public struct SSHLimits: Hashable, Sendable {
  /// From the accepted TCP connection to a bound identity, in seconds. Whoever is not known by then is put out.
  public var loginGraceSeconds: Int = 30
  /// Keys and signatures that may fail on one connection before it is ended.
  public var authenticationAttempts: Int = 6
  /// Connections in all. Each costs a thread.
  public var maximumConnections: Int = 200
  /// Connections from one IPv4 address or one IPv6 /64.
  public var perAddress: Int = 64
  /// Connections in all whose technician is not known yet.
  public var unauthenticated: Int = 50
  /// Connections from one address that may end without a login within ``failedLoginSeconds``.
  public var failedLoginsPerAddress: Int = 300
  /// Such connections in all.
  public var failedLogins: Int = 5_000
  /// Channels open or waiting on one connection: a browser behind one `-L` or `-D` opens a hundred and more. What clients may
  /// send on all of them unread is ``smallestWindowBytes`` each and ``wideWindowsBytes`` in all.
  public var channelsPerConnection: Int = 160

  /// A forward is taken only while fewer channels than this are open or waiting, so that a browser behind one never keeps the
  /// technician out of his shell: an eighth stays free.
  var forwardsPerConnection: Int { channelsPerConnection - channelsPerConnection / 8 }

  /// The defaults.
  public init() {}

  /// How long failed logins are counted together, in seconds.
  public static let failedLoginSeconds: Int64 = 600
  /// The longest user name taken, in bytes (`CODE+CASE` is far shorter).
  public static let userNameBytes = 128
  /// The longest terminal name taken, in bytes.
  public static let terminalNameBytes = 64
  /// The longest command taken, in bytes. Linux itself takes no argument over 128 KiB.
  public static let commandBytes = 131_072
  /// The longest subsystem name taken, in bytes.
  public static let subsystemBytes = 64
  /// The longest host name of a forward, in bytes (RFC 1035 section 2.3.4).
  public static let hostNameBytes = 255
  /// Environment variables kept for a channel; more are refused.
  public static let environmentVariables = 32
  /// The longest name of an environment variable, in bytes.
  public static let environmentNameBytes = 64
  /// The longest value of an environment variable, in bytes. A longer one refuses the whole request with a line.
  public static let environmentValueBytes = 1_024
  /// What a channel may always hold unread, in bytes: with how much libssh accepts one.
  public static let smallestWindowBytes = 32_000
  /// What one whose first bytes were read may, while there is room for it in ``wideWindowsBytes``, in bytes.
  public static let usualWindowBytes = 262_144
  /// The most that one channel may hold unread, in bytes: as libssh has it. At 100 ms to the technician it is 12.8 MB/s.
  public static let largestWindowBytes = 1_280_000
  /// What all windows of a connection together exceed ``smallestWindowBytes`` by, in bytes.
  public static let wideWindowsBytes = 2_097_152
  /// The most unread input a channel may have in libssh before its connection is ended, in bytes, where libssh decides on the
  /// window: the largest it gives (1,280,000 in 0.10, 2 MiB from 0.11 on) plus one packet. Only a client that overruns the
  /// window it was given gets there.
  public static let inboundBytesPerChannel = 2_097_152 + 262_144
  /// Input of all its channels together beyond which a connection is read only at the pace of ``heldBackReads`` every
  /// ``heldBackMilliseconds``, in bytes. Only where libssh decides on the windows does it come to that. It is not left unread
  /// altogether, since behind the uploads come the window adjustments without which a machine that echoes could never go on.
  public static let inboundBytesPerConnection = 16_777_216
  /// Socket reads (4,096 bytes each) at a time on a connection that holds too much input.
  public static let heldBackReads = 32
  /// How often such a connection is read, in milliseconds.
  public static let heldBackMilliseconds: Int64 = 100
  /// The smallest packet a client may ask for on a channel, in bytes. Real clients ask for 16 KiB and more; tiny ones multiply
  /// the work, and 10 sends libssh 0.10 into a loop.
  public static let minimumPacketBytes = 256
  /// Bytes a channel may write in its turn before the next channel has one: seven full packets of OpenSSH's client (32 KiB
  /// less the ten bytes libssh leaves free), which with their frames just fit into 256 KiB. libssh sends what is written at
  /// once with one or two system calls, so much is cheaper than little; it is also what waits in libssh when the client stops.
  public static let writeQuantumBytes = 7 * 32_758
  /// The shortest time between two lines on a technician's terminal about refused connections, in milliseconds. The ones in
  /// between are counted.
  public static let refusalLineMilliseconds: Int64 = 1_000
  /// The longest such line, in characters before it is escaped.
  public static let refusalLineCharacters = 240
  /// The front door's own lines that may wait for a terminal that is not read, in bytes; more are dropped.
  public static let waitingNoticeBytes = 4_096
  /// Bytes read from a connection while what is written to it does not drain. What a client makes the relay answer without
  /// reading the answers is bounded by this.
  public static let inputWhileBlockedBytes: UInt64 = 262_144
  /// Socket reads (4,096 bytes each) in a row before the other work of the connection has its turn.
  public static let readsPerTurn = 32
  /// How long a packet may have been taken in without an answer while the identity is open, in milliseconds. libssh answers
  /// nothing to a broken signature; this ends the wait long before the login grace does.
  public static let unansweredAttemptMilliseconds = 3_000
  /// How long a technician's machine may leave sent bytes unacknowledged before the connection counts as broken, in seconds.
  /// A stopped client still acknowledges and is left alone.
  public static let vanishedSeconds = 60
  /// How often a connection looks after its own health, in seconds.
  public static let healthCheckSeconds = 10
  /// How long a connection that is being ended may take to get its last words out, in milliseconds.
  public static let farewellMilliseconds = 1_000
  /// How long a connection that leads nowhere any more is kept after all that was open on it, in milliseconds. A client
  /// whose last channel ends takes its leave itself, and one that is told to go first forgets the exit status it was about
  /// to return.
  public static let retirementMilliseconds: Int64 = 3_000
  /// How long `SSHFrontDoor.stop` waits for its threads, in milliseconds.
  public static let stopMilliseconds = 5_000
  /// A connection thread's stack, in bytes of address space.
  public static let threadStackBytes = 2_097_152
  /// Connections the kernel keeps waiting for `accept`.
  public static let listenBacklog: Int32 = 128
}
