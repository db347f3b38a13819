import Foundation
import Testing

/// sftp, scp and rsync with files as they come.
@Suite("File transfer", .shared) struct FileTransferTests {
  @Test("sftp puts and gets what it was given: bytes, mode, times; and renames over, links, lists and removes")
  func sftp() throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare(
        """
        head -c 3000001 /dev/urandom >desk/noise; : >desk/empty; echo old >machine/old
        chmod 640 desk/noise; touch -d '2001-02-03 04:05:06' desk/noise
        """)
      let (machine, desk) = (place.machine, place.desk)
      let done = try place.alice.sftp(
        place.code,
        """
        put -p \(desk)/noise \(machine)/noise
        put \(desk)/empty \(machine)/empty
        get -p \(machine)/noise \(desk)/back
        get \(machine)/empty \(desk)/empty-back
        mkdir \(machine)/made
        put \(desk)/noise \(machine)/made/new
        chmod 751 \(machine)/made/new
        rename \(machine)/made/new \(machine)/old
        symlink /no/where \(machine)/dangling
        ln -s old \(machine)/link
        ln \(machine)/old \(machine)/hard
        rmdir \(machine)/made
        rm \(machine)/empty
        -rm \(machine)/empty
        -rename \(machine)/nothing \(machine)/old
        ls -la \(machine)
        pwd
        """)
      #expect(done.succeeded, "\(done)")
      try place.prepare("cmp desk/noise machine/noise; cmp desk/noise desk/back; cmp desk/noise machine/old")
      #expect(try place.prepare("stat -c %a:%Y machine/noise desk/back") == "640:981173106\n640:981173106\n")
      #expect(try place.prepare("stat -c %s desk/empty-back; stat -c %a:%h machine/old") == "0\n751:2\n")
      #expect(try place.prepare("readlink machine/dangling machine/link") == "/no/where\nold\n")
      #expect(try place.prepare("ls machine") == "dangling\nhard\nlink\nnoise\nold\n")
      #expect(done.error.contains("empty") && done.error.contains("nothing"), "\(done)")
      // Long names are the server's: type, mode, size and the link itself.
      #expect(done.output.contains(/-rw-r-----\s.*\s3000001\s.*noise/), "\(done)")
      #expect(done.output.contains(/lrwxrwxrwx\s.*dangling/), "\(done)")
    }
  }

  @Test("scp copies files and trees both ways, by sftp and by its own old protocol", arguments: [[], ["-O"]])
  func scp(options: [String]) throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare(
        """
        mkdir -p desk/tree/deep/er 'desk/tree/with space'; echo a >desk/tree/deep/er/a; : >desk/tree/empty
        head -c 2000003 /dev/urandom >desk/tree/noise; echo ü >'desk/tree/with space/ünï'
        chmod 700 desk/tree/deep; chmod 604 desk/tree/noise; touch -d '2011-12-13 14:15:16' desk/tree/noise
        """)
      let (alice, code) = (place.alice, place.code)
      let steps = [
        ["\(place.desk)/tree/noise", alice.path("\(place.machine)/single", of: code)],
        [alice.path("\(place.machine)/single", of: code), "\(place.desk)/single"],
        ["-p", "-r", "\(place.desk)/tree", alice.path(place.machine, of: code)],
        ["-p", "-r", alice.path("\(place.machine)/tree", of: code), "\(place.desk)/back"],
      ]
      for step in steps {
        let done = try alice.scp(options + step)
        #expect(done.succeeded, "\(done)")
      }
      try place.prepare("cmp desk/tree/noise machine/single; cmp desk/tree/noise desk/single")
      for copy in ["\(place.machine)/tree", "\(place.desk)/back"] {
        let compared = try place.same("\(place.desk)/tree", copy)
        #expect(compared.succeeded, "\(compared)")
        let kept = try place.shop.tool(["stat", "-c", "%a:%Y", "\(copy)/noise", "\(copy)/deep"]).lines
        #expect(kept.first == "604:1323785716" && kept.last?.hasPrefix("700:") == true, "\(kept)")
      }
      let missing = try alice.scp(options + [alice.path("\(place.machine)/none", of: code), place.desk])
      #expect(missing.exit == .status(1) && missing.error.contains("none"), "\(missing)")
    }
  }

  @Test("file names with a newline, and names that are not UTF-8, arrive as they are")
  func oddNames() throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare(
        #"""
        mkdir machine/odd; cd machine/odd
        for name in $'new\nline' $'not\xff\xfeutf8' $'\x1b[31mred' 'back\slash' "quote'\"" '*' '-rf' ' '; do
          echo "$name" >"./$name"
        done
        mkdir $'dir\n\xc3\x28'; echo deep >$'dir\n\xc3\x28/\x80'
        """#)
      let (alice, code) = (place.alice, place.code)
      let there = alice.path("\(place.machine)/odd", of: code)
      #expect(try alice.scp(["-r", there, "\(place.desk)/by-scp"]).succeeded)
      let back = alice.path("\(place.machine)/scp-back", of: code)
      #expect(try alice.scp(["-r", "\(place.desk)/by-scp", back]).succeeded)
      #expect(try alice.rsync(["-a", there + "/", "\(place.desk)/by-rsync"]).succeeded)
      let bySftp = try alice.sftp(
        code,
        """
        get -R \(place.machine)/odd \(place.desk)/by-sftp
        put -R \(place.desk)/by-sftp \(place.machine)/sftp-back
        """)
      #expect(bySftp.succeeded, "\(bySftp)")
      for copy in ["desk/by-scp", "machine/scp-back", "desk/by-rsync", "desk/by-sftp", "machine/sftp-back"] {
        let compared = try place.same("\(place.machine)/odd", shop.scratch.path(copy))
        #expect(compared.succeeded, "\(copy): \(compared)")
      }
      // What does not read as text stands on record as bytes too.
      let bytes = "\(place.machine)/odd/".utf8.map { String(format: "%02x", $0) }.joined()
      try shop.record("the names") { record in
        let names = Set(record.files.compactMap { $0["path_hex"]?.string?.lowercased() })
        return ["6e65770a6c696e65", "6e6f74fffe75746638"].allSatisfy { names.contains(bytes + $0) }
      }
      #expect(try !shop.command("session", "show", shop.openSession()).output.contains("\u{1b}"))
    }
  }

  @Test("rsync -a there and back leaves no difference, and finds one when there is one")
  func rsync() throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare(
        """
        mkdir -p desk/tree/{a,b}/{c,d}; for i in $(seq 200); do head -c $((i * 37)) /dev/urandom >desk/tree/a/c/$i; done
        head -c 3000000 /dev/urandom >desk/tree/big; ln -s ../big desk/tree/a/link; ln -s /no/where desk/tree/b/dangling
        chmod 711 desk/tree/b; chmod 4755 desk/tree/a/c/7; touch -d '1999-01-02 03:04:05' desk/tree/a/c/9 desk/tree/b/d
        """)
      let alice = place.alice
      let (here, there) = ("\(place.desk)/tree/", alice.path("\(place.machine)/tree/", of: place.code))
      for step in [["-a", here, there], ["-a", there, "\(place.desk)/back/"]] {
        let done = try alice.rsync(step)
        #expect(done.succeeded, "\(done)")
      }
      for pair in [[here, there], [there, here], [there, "\(place.desk)/back/"]] {
        let difference = try alice.rsync(["-anci", "--delete"] + pair)
        #expect(difference.succeeded && difference.output.isEmpty, "\(difference)")
      }
      let compared = try place.same("\(place.desk)/tree", "\(place.desk)/back")
      #expect(compared.succeeded, "\(compared)")
      // One byte in the middle, same size and time: found by checksum and mended.
      try place.prepare(
        """
        printf X | dd of=machine/tree/big bs=1 seek=1500000 conv=notrunc status=none
        touch -r desk/tree/big machine/tree/big
        """)
      let found = try alice.rsync(["-anci", here, there])
      #expect(found.output.contains("big"), "\(found)")
      #expect(try alice.rsync(["-ac", here, there]).succeeded)
      try place.prepare("cmp desk/tree/big machine/tree/big")
    }
  }

  @Test("sftp's df shows the machine's volume by statvfs")
  func volume() throws {
    try withShop { shop in
      let place = try Place(shop)
      let done = try place.alice.sftp(place.code, "df \(place.machine)")
      #expect(done.succeeded, "\(done)")
      // Size is the first number of the line under the headings, in KiB.
      let size = try unwrap(
        done.lines.last?.split(separator: " ").first.flatMap { Int($0) }, "a size in \(done)")
      let own = try place.prepare("stat -f -c '%b %S' machine").split(whereSeparator: \.isWhitespace)
        .compactMap { Int($0) }
      #expect(try size == unwrap(own.first) * unwrap(own.last) / 1024, "\(done), \(own)")
    }
  }

}

/// Measures, so nothing else runs.
@Suite("File transfer, measured", .alone) struct FileMeasuredTests {
  @Test("a directory of 10,000 entries is listed in under a second", arguments: ["ls -f", "ls -1"])
  func bigDirectory(command: String) throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare("mkdir machine/many; cd machine/many; seq -f 'entry-%05.0f' 10000 | xargs touch")
      let done = try place.alice.sftp(
        place.code,
        """
        !date +%s%N >\(place.desk)/begin
        \(command) \(place.machine)/many
        !date +%s%N >\(place.desk)/end
        """)
      #expect(done.succeeded, "\(done)")
      let names = Set(done.output.matches(of: /entry-[0-9]{5}/).map { String($0.output) })
      #expect(names.count == 10_000)
      let times = try place.prepare("cat desk/begin desk/end").split(separator: "\n").compactMap { Int($0) }
      let milliseconds = (times[1] - times[0]) / 1_000_000
      print("10,000 entries, \(command): \(milliseconds) ms")
      #expect(milliseconds < (Programs.areRelease ? 1000 : 5000))
    }
  }
}
