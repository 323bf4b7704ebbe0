package app

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/packs/opal/synth"
)

// command is a command that takes --db, and how it is called in these tests.
type command struct {
	args  []string
	flags map[string]bool
	makes bool // it makes the database that is not there, or fills the empty one
}

// commandsOnDatabases are all commands that take --db, bench aside, which makes databases of its own. Whoever adds one says here
// how it is called.
func commandsOnDatabases(t *testing.T) map[string]command {
	t.Helper()
	file := filepath.Join(t.TempDir(), "p.json")
	if err := os.WriteFile(file, []byte(`{"resourceType":"Patient","id":"p"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	codes := filepath.Join(t.TempDir(), "codes.txt")
	if err := os.WriteFile(codes, []byte("A alpha\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	origin := "--pack opal --source dump:" + synthetic(t, synth.Options{Patients: 1, Results: 1, Appointments: 1}) + " --stage-dir " + t.TempDir()
	makes := map[string]string{
		"serve": "--listen 127.0.0.1:0", "load": file, "migrate run": origin, "admin token": "--name x", "admin tenant add": "north", "admin user add": "ada --name Ada", "admin client add": "app --kind service --scope system/*.rs",
		"admin role add": "nurse", "admin package add": file, "admin codes": codes + " --url http://x --id c --name C", "admin set": "integrity on",
	}
	needs := map[string]string{
		"migrate plan": origin, "migrate verify": origin, "migrate status": "", "migrate quarantine list": "", "migrate quarantine show": "1", "migrate quarantine retry": origin,
		"migrate certificate verify": file, "audit verify": "", "audit list": "", "audit prune": "", "admin tokens": "", "admin revoke": "x", "admin tenant list": "", "admin tenant off": "default",
		"admin tenant on": "default", "admin user list": "", "admin client list": "", "admin client remove": "x", "admin user password": "ada", "admin user factors": "ada", "admin user off": "ada", "admin user on": "ada",
		"admin role list": "", "admin role permit": "nurse Observation read all", "admin role forbid": "nurse Observation read all", "admin role give": "nurse ada",
		"admin role take": "nurse ada", "admin role hide": "nurse Patient telecom", "admin role keep": "nurse Patient name", "admin role unmask": "nurse Patient telecom", "admin user is": "ada", "admin token-keys list": "", "admin token-keys rotate": "", "admin token-keys replace": "", "admin keys rotate": "--new-key-file " + filepath.Join(t.TempDir(), "new"), "admin package list": "", "admin package remove": "x",
		"backup": "--to " + filepath.Join(t.TempDir(), "x.backup"), "admin searchparams": "--run", "admin index check": "", "admin index repair": "", "admin index status": "", "admin settings": "",
	}
	all := map[string]command{}
	for path, flags := range onDatabases(t) {
		if path == "restore" {
			continue // it reads the backup with the key before it looks at a database, which must be empty: see cli_backup_test.go
		}
		args, makes := makes[path]
		if !makes {
			var known bool
			if args, known = needs[path]; !known {
				t.Errorf("say how ficus %s is called", path)
			}
		}
		all[path] = command{append(strings.Fields(path), strings.Fields(args)...), flags, makes}
	}
	return all
}

// onDatabases are the flags of each command that takes --db.
func onDatabases(t *testing.T) map[string]map[string]bool {
	t.Helper()
	var cli CLI
	k, err := newParser(&cli, Streams{Out: io.Discard, Err: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]bool{}
	var walk func(n *kong.Node, path string)
	walk = func(n *kong.Node, path string) {
		flags := map[string]bool{}
		for _, f := range n.Flags {
			flags[f.Name] = true
		}
		if len(n.Children) == 0 && flags["db"] {
			all[path] = flags
		}
		for _, child := range n.Children {
			if child.Name != "bench" {
				walk(child, strings.TrimSpace(path+" "+child.Name))
			}
		}
	}
	walk(k.Model.Node, "")
	return all
}

// badDatabase is a database with which no command can work, and the words by which all say so.
type badDatabase struct {
	db, key string
	words   []string
	but     map[string]bool // commands that do not come so far
}

// TestEveryCommandSaysWhatIsWrongWithItsDatabase: what, where and what to do, whatever the command; and nothing is made.
func TestEveryCommandSaysWhatIsWrongWithItsDatabase(t *testing.T) {
	dir := t.TempDir()
	all := commandsOnDatabases(t)
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	sound, key := "sqlite:"+filepath.Join(dir, "sound.db"), filepath.Join(dir, "sound.key")
	makeSound(t, sound, key)
	newer, postgres, empty := "sqlite:"+filepath.Join(dir, "newer.db"), dbtest.PostgresURL(t), dbtest.PostgresURL(t)
	for _, url := range []string{newer, postgres} {
		makeSound(t, url, key)
		behind(t, url, `INSERT INTO schema_version SELECT module, MAX(number) + 1, 'x', 'y', 0 FROM schema_version WHERE module = 'store' GROUP BY module`)
	}
	// A plan needs no database, and a certificate is read before it.
	early := map[string]bool{"migrate plan": true, "migrate certificate verify": true}
	begun := maps.Clone(early) // those that make what is not there
	for path, c := range all {
		begun[path] = begun[path] || c.makes
	}
	cases := map[string]badDatabase{
		"a file that is not there":    {"sqlite:" + filepath.Join(dir, "typo.db"), key, []string{"there is no database sqlite:" + dir + "/typo.db", "check --db", "make a new one"}, begun},
		"an empty file":               {"sqlite:" + file("empty.db", ""), key, []string{"the database is empty", "check --db", "empty.db"}, begun},
		"an empty PostgreSQL":         {empty, key, []string{"the database is empty", "check --db", "--db postgres://"}, begun},
		"a folder":                    {"sqlite:" + dir, key, []string{dir + " is a folder", "name a file in it"}, early},
		"no folder":                   {"sqlite:" + filepath.Join(dir, "none", "x.db"), key, []string{"there is no ", "/none/x.db", "make "}, early},
		"another file":                {"sqlite:" + file("prose.db", strings.Repeat("no database ", 1000)), key, []string{"not a database", "prose.db"}, early},
		"no PostgreSQL":               {"postgres://ficus:secret@127.0.0.1:1/x", key, []string{"127.0.0.1:1 cannot be reached", "check --db, and that the database server runs"}, early},
		"another kind":                {"mysql://ficus:secret@127.0.0.1:1/x", key, []string{`must start with "sqlite:" or "postgres://"`}, early},
		"a newer program's":           {newer, key, []string{"changed by a newer version", "schema of store", "use that version", "newer.db"}, early},
		"a newer program's, Postgres": {postgres, key, []string{"changed by a newer version", "use that version", "--db postgres://"}, early},
		"no key":                      {sound, filepath.Join(dir, "absent.key"), []string{"sealed with installation key", "which is missing", "absent.key", "sound.db"}, early},
		"another key":                 {sound, file("other.key", strings.Repeat("A", 43)+"=\n"), []string{"sealed with installation key", "other.key holds another", "name the file", "sound.db"}, early},
		"no key in the file":          {sound, file("prose.key", "hello"), []string{"prose.key holds no installation key", "name the file", "sound.db"}, early},
		"a folder for the key":        {sound, dir, []string{"the key file cannot be read", dir + " is a folder"}, early},
	}
	for name, bad := range cases {
		t.Run(name, func(t *testing.T) {
			before := left(t, dir)
			for path, c := range all {
				if bad.but[path] {
					continue
				}
				code, out, about := ficus(t, append(c.args, "--db", bad.db, "--key-file", bad.key)...)
				if code != exitFailed || out != "" || strings.Contains(about, "secret") {
					t.Errorf("%s: %d %s%s", path, code, out, about)
				}
				for _, words := range bad.words {
					if !strings.Contains(about, words) {
						t.Errorf("%s does not say %q: %s", path, words, about)
					}
				}
			}
			if after := left(t, dir); !slices.Equal(before, after) {
				t.Errorf("something was made: %v, before %v", after, before)
			}
		})
	}
}

// left are the files of a folder, but for what SQLite and the lock keep beside a database.
func left(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if !strings.HasSuffix(e.Name(), "-shm") && !strings.HasSuffix(e.Name(), "-wal") && !strings.HasSuffix(e.Name(), ".lock") {
			names = append(names, e.Name())
		}
	}
	return names
}

// makeSound makes a database and its key.
func makeSound(t *testing.T, url, key string) {
	t.Helper()
	if code, _, about := ficus(t, "admin", "token", "--name", "x", "--db", url, "--key-file", key); code != exitDone {
		t.Fatal(about)
	}
}
