/// Ways in which processes try to outlive their session.
enum Hardship {
  /// Leaves its process group and session.
  static let setsid = "setsid sleep 31001 >/dev/null 2>&1 </dev/null &"
  /// Ignores hangups.
  static let nohup = "nohup sleep 31002 >/dev/null 2>&1 &"
  /// The classic daemon.
  static let daemon = """
    python3 -c '
    import os, time
    if os.fork(): os._exit(0)
    os.setsid()
    if os.fork(): os._exit(0)
    os.chdir("/")
    time.sleep(31003)' &
    """
  /// Ignores what can be ignored, and so do its children.
  static let stubborn = "(trap '' HUP TERM INT QUIT USR1 USR2 PIPE ALRM; while :; do sleep 31004; done) &"
  /// Stops itself.
  static let stopped = "(trap '' HUP TERM; kill -STOP $BASHPID; sleep 31005) &"
  /// A process whose leading thread has ended while another runs on.
  static let headless = """
    python3 -c '
    import ctypes, signal, threading, time
    for s in (signal.SIGHUP, signal.SIGTERM): signal.signal(s, signal.SIG_IGN)
    threading.Thread(target=lambda: time.sleep(31006)).start()
    ctypes.CDLL(None).syscall(60, 0)' &
    """
  /// Its own subreaper with an orphan below it.
  static let reaper = """
    python3 -c '
    import ctypes, os, signal, time
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
    for s in (signal.SIGHUP, signal.SIGTERM): signal.signal(s, signal.SIG_IGN)
    if os.fork() == 0:
      if os.fork() == 0: os.setsid(); time.sleep(31007)
      os._exit(0)
    time.sleep(31008)' &
    """
  /// Chains of processes that fork and exit for ever: no process lives long enough to be looked at twice.
  static let chains = """
    python3 -c '
    import os, signal, time
    for s in range(1, 65):
      try: signal.signal(s, signal.SIG_IGN)
      except (OSError, ValueError): pass
    for _ in range(8):
      if os.fork() == 0:
        os.setsid()
        while True:
          if os.fork(): os._exit(0)
    time.sleep(31009)' &
    """
  /// Families that replace every member they lose, at once: 12 × 12 of them.
  static let phoenix = """
    python3 -c '
    import os, signal, time
    for s in (signal.SIGHUP, signal.SIGTERM): signal.signal(s, signal.SIG_IGN)
    def child():
      os.setsid()
      alive = 0
      while True:
        while alive < 12:
          if os.fork() == 0:
            time.sleep(31010)
          alive += 1
        os.wait(); alive -= 1
    for _ in range(12):
      if os.fork() == 0: child()
    time.sleep(31011)' &
    """
  /// Doubles itself up to a bound, then waits.
  static let bomb = """
    python3 -c '
    import os, time
    for _ in range(9):
      os.fork()
    time.sleep(31012)' &
    """

  static let quiet = [setsid, nohup, daemon, stubborn, stopped, headless, reaper]
}
