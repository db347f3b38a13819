import Foundation
import Testing

/// The machine's folders mounted with sshfs.
@Suite("Mounts", .shared, .enabled(if: Mount.sshfsIsPossible, "needs sshfs and a /dev/fuse that can be opened"))
struct MountTests {
  @Test("git clones onto a mount, commits there, and fsck finds nothing")
  func git() throws {
    try withShop { shop in
      let place = try Place(shop)
      try place.prepare(
        """
        export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
        git init -q -b main desk/tree; cd desk/tree
        for i in 1 2 3 4 5; do
          mkdir -p deep/$i; head -c 50000 /dev/urandom >deep/$i/noise; seq $((i * 100)) >lines
          ln -sfn deep/$i latest; git add -A; git commit -qm "Step $i"
        done
        git clone -q --bare . ../bare.git
        """)
      let mount = try Mount.sshfs(shop, place.alice, place.code, place.machine, at: "mnt")
      defer { mount.close() }
      let done = try shop.tool(
        [
          "bash", "-ec",
          """
          export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
          git clone -q --no-local desk/bare.git mnt/clone
          cd mnt/clone; git status --porcelain; git fsck --full --strict 2>&1
          echo more >>lines; git commit -qam More; git push -q; git log --oneline | wc -l
          """,
        ], within: .seconds(60))
      #expect(done.succeeded && done.lines.last?.filter(\.isNumber) == "6", "\(done)")
      #expect(!done.output.contains("lines") && !done.output.contains("error"), "\(done)")
      // The machine has it, not a cache of the mount's.
      let own = try shop.tool(["git", "-C", "\(place.machine)/clone", "-c", "safe.directory=*", "fsck", "--full"])
      #expect(own.succeeded, "\(own)")
      let compared = try place.same("\(place.desk)/tree/deep", "\(place.machine)/clone/deep")
      #expect(compared.succeeded, "\(compared)")
      #expect(try place.prepare("readlink machine/clone/latest") == "deep/5\n")
    }
  }

  @Test("a mount has the machine's size, times, modes, links and odd names")
  func like() throws {
    try withShop { shop in
      let place = try Place(shop)
      let mount = try Mount.sshfs(shop, place.alice, place.code, place.machine, at: "mnt")
      defer { mount.close() }
      let done = try shop.tool([
        "bash", "-ec",
        #"""
        cd mnt
        head -c 3000000 /dev/urandom >noise; chmod 604 noise; touch -d '2001-02-03 04:05:06' noise
        mkdir folder; mv noise folder/moved; echo over >over; mv over folder/over; echo again >over; mv over folder/over
        ln -s folder/moved link; cmp link ../machine/folder/moved
        echo odd >$'new\nline\xff'; truncate -s 1000 folder/over; rm folder/over; printf tail >>folder/moved
        ls -f | od -c | head -3 >/dev/null
        stat -f -c '%b' . ../machine; df -k --output=size . | tail -1; df -k --output=size ../machine | tail -1
        stat -c '%a %s' folder/moved ../machine/folder/moved
        """#,
      ])
      #expect(done.succeeded, "\(done)")
      let lines = done.lines.map { $0.trimmingCharacters(in: .whitespaces) }
      #expect(lines.count == 6 && lines[2] == lines[3] && lines[4] == "604 3000004" && lines[5] == lines[4], "\(done)")
      try place.prepare(#"[ "$(cat machine/$'new\nline\xff')" = odd ]; [ "$(readlink machine/link)" = folder/moved ]"#)
      try place.prepare("[ ! -e machine/folder/over ]")
    }
  }

  @Test("what a mount held is let go when it is taken away, and when its ssh is killed")
  func gone() throws {
    try withShop { shop in
      let place = try Place(shop)
      let agent = place.agent.child.pid
      try place.prepare("truncate -s 100M machine/file")
      #expect(try place.alice.sftp(place.code, "ls \(place.machine)").succeeded)
      let quiet = try place.quietDescriptors()
      for name in ["first", "second"] {
        let mount = try Mount.sshfs(shop, place.alice, place.code, place.machine, at: name)
        defer { mount.close() }
        let reader = try shop.start(
          ["bash", "-c", "exec 3<\(name)/file; head -c 10 <&3; echo open; read line"], input: .pipe)
        try reader.expect("open")
        #expect(try Processes.descriptors(of: agent) > quiet)
        if name == "second" { mount.killServer() } else { reader.kill() }
        if name == "first" { mount.close() }
        try place.waitForDescriptors(atMost: quiet)
        reader.kill()
      }
    }
  }
}
