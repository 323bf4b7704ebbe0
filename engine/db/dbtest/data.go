package dbtest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/ficushealth/ficus/suites"
)

// binaries is the folder of PostgreSQL's programs: $FICUS_POSTGRES_BIN, Debian's newest, or that of postgres in the path.
func binaries(t testing.TB) string {
	t.Helper()
	if os.Getenv("FICUS_DATABASES") == "sqlite" {
		suites.Missing(t, "PostgreSQL, left out by FICUS_DATABASES=sqlite")
	}
	if dir := os.Getenv("FICUS_POSTGRES_BIN"); dir != "" {
		return dir
	}
	if found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres"); err == nil && len(found) > 0 {
		slices.Sort(found)
		return filepath.Dir(found[len(found)-1])
	}
	path, err := exec.LookPath("postgres")
	if err != nil {
		suites.Missing(t, "the PostgreSQL server (package postgresql, or set FICUS_POSTGRES_BIN)")
	}
	return filepath.Dir(path)
}

// servant is the user that runs the server: PostgreSQL refuses to run as root.
func servant() (uid, gid int) {
	if os.Geteuid() != 0 {
		return os.Geteuid(), os.Getegid()
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, _ = strconv.Atoi(u.Uid)
			gid, _ = strconv.Atoi(u.Gid)
			return uid, gid
		}
	}
	return 65534, 65534
}

func unprivileged() *syscall.SysProcAttr {
	if os.Geteuid() != 0 {
		return &syscall.SysProcAttr{}
	}
	uid, gid := servant()
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

// newData makes the server's folder, with data/ copied from a template, because initdb takes seconds and a copy does not.
func newData(t testing.TB, bin string) string {
	t.Helper()
	from := template(t, bin)
	dir := private(t, "ficus-postgres-*")
	run(t, dir, "cp", "-a", from, filepath.Join(dir, "data"))
	return dir
}

// template is a fresh data folder, made once per version of PostgreSQL and user. Several processes may make it at the same
// time: the first to rename its own wins.
func template(t testing.TB, bin string) string {
	t.Helper()
	version, err := exec.Command(filepath.Join(bin, "postgres"), "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := servant()
	name := fmt.Sprintf("ficus-initdb-%d-%s", uid, strings.Join(strings.Fields(string(version)), "-"))
	name = filepath.Join(os.TempDir(), strings.NewReplacer("(", "", ")", "", "/", "-").Replace(name))
	if owned(name, uid) {
		return filepath.Join(name, "data")
	}
	made := private(t, "ficus-initdb-*")
	run(t, made, filepath.Join(bin, "initdb"), "--no-sync", "--auth=trust", "--username=ficus", "--encoding=UTF8",
		"--locale=C", "--no-instructions", "--wal-segsize=4", "-D", filepath.Join(made, "data"))
	if err := os.Rename(made, name); err != nil && !owned(name, uid) {
		t.Fatal(err)
	}
	os.RemoveAll(made) // is there only if another process was first
	return filepath.Join(name, "data")
}

// owned guards against a folder of that name that somebody else has put into the shared temporary folder.
func owned(path string, uid int) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == uid
}

// private makes a folder that belongs to the servant.
func private(t testing.TB, pattern string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", pattern)
	if err != nil {
		t.Fatal(err)
	}
	uid, gid := servant()
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	return dir
}

func run(t testing.TB, dir, program string, args ...string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.SysProcAttr = dir, unprivileged()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", filepath.Base(program), err, out)
	}
}

// children lists the processes whose parent is pid (Linux; elsewhere none, and they end by themselves a little later).
func children(pid int) []int {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	var found []int
	for _, path := range stats {
		child, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if _, parent := stat(child); parent == strconv.Itoa(pid) {
			found = append(found, child)
		}
	}
	return found
}

// alive is false for a process that has ended, whether or not its parent has taken note.
func alive(pid int) bool {
	state, _ := stat(pid)
	return state != "" && state != "Z" && state != "X"
}

// stat reads /proc/PID/stat: pid (name) state parent ... The name may hold spaces and brackets.
func stat(pid int) (state, parent string) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", ""
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 2 {
		return "", ""
	}
	return fields[0], fields[1]
}
