package app

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/outbox"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/packs/opal/synth"
)

// safe is a place for backups and the key of a database.
type safe struct {
	*testing.T
	db, key, dir string
}

// put makes a database with so many patients, and closes it.
func put(t *testing.T, url string, patients int) *safe {
	t.Helper()
	s := &safe{T: t, db: url, key: filepath.Join(t.TempDir(), "key"), dir: t.TempDir()}
	a := s.open(url)
	defer a.Close()
	for range patients {
		s.create(a)
	}
	return s
}

func (s *safe) open(url string) *App {
	s.Helper()
	a, err := Open(s.Context(), Config{Database: Database{DB: url, KeyFile: s.key}}, slog.New(slog.DiscardHandler))
	if err != nil {
		s.Fatal(err)
	}
	return a
}

func (s *safe) create(a *App) {
	r, err := fhir.Parse([]byte(`{"resourceType":"Patient","active":true,"name":[{"family":"Müller – 𝔘"}],"birthDate":"1970-01-01"}`), fhir.Limits{})
	if err == nil {
		_, err = a.Store.As(everything()).Create(s.Context(), r)
	}
	if err != nil {
		s.Error(err)
	}
}

// done runs a command that must succeed, and returns what it printed.
func (s *safe) done(args ...string) string {
	s.Helper()
	code, out, err := ficus(s.T, args...)
	if code != exitDone {
		s.Fatalf("%v: exit %d\n%s%s", args, code, out, err)
	}
	return out
}

// refused runs a command that must fail and say this.
func (s *safe) refused(words string, args ...string) {
	s.Helper()
	code, out, err := ficus(s.T, args...)
	if code == exitDone || !strings.Contains(err, words) {
		s.Errorf("%v: exit %d, without %q\n%s%s", args, code, words, out, err)
	}
}

// backup writes a backup and returns its path.
func (s *safe) backup(name string) string {
	s.Helper()
	path := filepath.Join(s.dir, name)
	s.done("backup", "--db", s.db, "--key-file", s.key, "--to", path)
	return path
}

func (s *safe) restore(path, url string, more ...string) string {
	s.Helper()
	return s.done(append([]string{"restore", "--from", path, "--db", url, "--key-file", s.key}, more...)...)
}

// holds counts what one change leaves in three tables, and asks that they agree: resources, events and audit entries.
func (s *safe) holds(url string) (patients int64) {
	s.Helper()
	a := s.open(url)
	defer a.Close()
	one := func(stmt string) (n int64) {
		err := a.DB.Query(s.Context(), db.Same(stmt), nil, func(r db.Row) error {
			n = r.Int64(0)
			return nil
		})
		if err != nil {
			s.Fatal(err)
		}
		return n
	}
	patients = one(`SELECT count(*) FROM resource WHERE version > 0`)
	events := one(`SELECT count(*) FROM outbox`)
	report, err := audit.Verify(s.Context(), a.DB, auditKeys(a.Vault), 1, "")
	if err != nil || !report.OK() {
		s.Fatal(report, err)
	}
	entries := int64(report.Entries)
	for _, e := range s.copies(a) {
		if entries--; e.Name == "" || e.Category() != audit.Administration {
			s.Errorf("%+v", e)
		}
	}
	if events != patients || entries != patients+1 { // and the tenant's own
		s.Errorf("%d patients, %d events, %d entries", patients, events, entries)
	}
	return patients
}

// copies are the entries of backups and restores.
func (s *safe) copies(a *App) (list []audit.Entry) {
	s.Helper()
	for e, err := range audit.Read(s.Context(), a.DB, 1, audit.Filter{Type: "Backup"}) {
		if err != nil {
			s.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

// TestBackupAndRestoreAreOnRecord of the database that was copied and of the one that was filled, except beside a server that holds the file.
func TestBackupAndRestoreAreOnRecord(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		s := put(t, url, 3)
		path := s.backup("one")
		target := another(t, url)
		s.restore(path, target)
		for db, action := range map[string]string{url: "backup", target: "restore"} {
			a := s.open(db)
			list := s.copies(a)
			a.Close()
			if len(list) != 1 || list[0].Action != action || !strings.Contains(list[0].Detail, "rows of") || !strings.Contains(list[0].Detail, path) {
				t.Errorf("%s: %+v", action, list)
			}
		}
		a := s.open(url)
		defer a.Close()
		_, _, about := ficus(t, "backup", "--db", url, "--key-file", s.key, "--to", filepath.Join(s.dir, "beside"))
		if told := strings.Contains(about, "not on record"); told != strings.HasPrefix(url, "sqlite:") || told == (len(s.copies(a)) == 2) {
			t.Errorf("beside a server: %q, %+v", about, s.copies(a))
		}
	})
}

// goesOn writes into a restored database, and asks for the feed to go on without a gap.
func (s *safe) goesOn(url string) {
	s.Helper()
	before := s.holds(url)
	a := s.open(url)
	for range 3 {
		s.create(a)
	}
	pass, err := outbox.NewSequencer(a.DB, a.Log).Pass(s.Context())
	if err != nil || pass.Head != before+3 {
		s.Errorf("the feed stands at %+v behind %d events, %v", pass, before, err)
	}
	err = a.DB.Read(s.Context(), func(tx db.Tx) error {
		wrong, err := outbox.Check(s.Context(), tx)
		if len(wrong) > 0 {
			s.Error(wrong)
		}
		return err
	})
	if err != nil {
		s.Error(err)
	}
	a.Close()
	if after := s.holds(url); after != before+3 {
		s.Errorf("%d patients, %d before", after, before)
	}
}

// TestABackupUnderWritersIsOneMoment takes a backup while others write, restores it into both kinds of database, and asks
// that what is there belongs together and that both go on.
func TestABackupUnderWritersIsOneMoment(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		s := put(t, url, 20)
		a := s.open(url)
		sequencer, sealer := outbox.NewSequencer(a.DB, a.Log), audit.NewSealer(a.DB, auditKeys(a.Vault), audit.SealOptions{})
		stop, written := make(chan struct{}), atomic.Int64{}
		var writers sync.WaitGroup
		for range 4 {
			writers.Go(func() {
				for more := true; more; {
					s.create(a)
					written.Add(1)
					select {
					case <-stop:
						more = false
					default:
					}
				}
			})
		}
		for written.Load() < 20 {
			time.Sleep(time.Millisecond)
		}
		if _, err := sequencer.Pass(t.Context()); err != nil { // some events have numbers, others not
			t.Error(err)
		}
		if _, err := sealer.Seal(t.Context()); err != nil { // some entries are sealed, others not
			t.Error(err)
		}
		least := 20 + written.Load()
		path := s.backup("under")
		most := 20 + written.Load() + 4
		close(stop)
		writers.Wait()
		sealer.Close()
		a.Close()
		dbtest.BothURLs(t, func(t *testing.T, target string) {
			s := &safe{t, target, s.key, s.dir}
			out := s.restore(path, target)
			if !strings.Contains(out, "all fit") || !strings.Contains(out, "nothing was changed or put in") {
				t.Error(out)
			}
			if n := s.holds(target); n < least || n > most {
				t.Errorf("%d patients, between %d and %d were written", n, least, most)
			}
			s.goesOn(target)
			again := filepath.Join(t.TempDir(), "again")
			s.done("backup", "--db", target, "--key-file", s.key, "--to", again)
			s.done("restore", "--check", again, "--key-file", s.key, "--scratch", t.TempDir())
		})
	})
}

// TestBackupKeepsKeysApart asks where a backup and a key may be written.
func TestBackupKeepsKeysApart(t *testing.T) {
	s := put(t, dbtest.SQLiteURL(t), 1)
	take := []string{"backup", "--db", s.db, "--key-file", s.key, "--to"}
	s.refused("in the folder of the key file", append(take, filepath.Join(filepath.Dir(s.key), "x"))...)
	s.refused("in the folder of the key file", append(take, filepath.Dir(s.key))...)
	s.refused("in the folder of the backup", append(take, filepath.Join(s.dir, "x"), "--keys-to", filepath.Join(s.dir, "k"))...)
	apart := filepath.Join(t.TempDir(), "k")
	s.done(append(take, s.dir, "--keys-to", apart)...)
	list, err := filepath.Glob(filepath.Join(s.dir, "ficus-*.backup"))
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	s.refused("a key is written once", append(take, filepath.Join(s.dir, "second"), "--keys-to", apart)...)
	if _, err := os.Stat(filepath.Join(s.dir, "second")); err == nil {
		t.Error("a backup was written all the same")
	}
	for _, path := range []string{apart, list[0]} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Error(info, err)
		}
	}
	key, err := os.ReadFile(s.key)
	if err != nil {
		t.Fatal(err)
	}
	archive, err := os.ReadFile(list[0])
	if err != nil || strings.Contains(string(archive), strings.TrimSpace(string(key))) {
		t.Error("the key is in the backup", err)
	}
	target := dbtest.SQLiteURL(t)
	s.refused("the installation key is missing", "restore", "--from", list[0], "--db", target)
	other := put(t, dbtest.SQLiteURL(t), 0)
	s.refused("was made under the installation key", "restore", "--from", list[0], "--db", target, "--key-file", other.key)
	s.refused("is there already", append(take, list[0])...)
	s.done("restore", "--from", list[0], "--db", target, "--key-file", apart)
	s.refused("not empty", "restore", "--from", list[0], "--db", target, "--key-file", apart)
	s.refused("there is no backup", "restore", "--check", list[0]+"x", "--key-file", apart)
}

// TestCheckLeavesNothing asks that a trial leaves no file, whatever comes of it.
func TestCheckLeavesNothing(t *testing.T) {
	s := put(t, dbtest.SQLiteURL(t), 3)
	path, scratch := s.backup("x"), t.TempDir()
	out := s.done("restore", "--check", path, "--key-file", s.key, "--scratch", scratch)
	if !strings.Contains(out, "can be restored") {
		t.Error(out)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	s.refused("not as it was written", "restore", "--check", path, "--key-file", s.key, "--scratch", scratch)
	target := filepath.Join(scratch, "target.db")
	s.refused("not as it was written", "restore", "--from", path, "--key-file", s.key, "--db", "sqlite:"+target)
	if list, err := os.ReadDir(scratch); err != nil || len(list) != 0 {
		t.Error(list, err)
	}
}

// TestRestoreSaysWhatTheAnchorKnows seals more after the backup than is in it.
func TestRestoreSaysWhatTheAnchorKnows(t *testing.T) {
	s := put(t, dbtest.SQLiteURL(t), 3)
	anchor := filepath.Join(t.TempDir(), "anchor")
	seal := func() {
		a := s.open(s.db)
		defer a.Close()
		s.create(a)
		sealer := audit.NewSealer(a.DB, auditKeys(a.Vault), audit.SealOptions{Anchor: anchor})
		defer sealer.Close()
		if _, err := sealer.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	seal()
	path := s.backup("x")
	out := s.restore(path, dbtest.SQLiteURL(t), "--audit-anchor", anchor)
	if !strings.Contains(out, "The anchor knows block 1, and nothing up to it was cut off") {
		t.Error(out)
	}
	seal()
	seal()
	out = s.restore(path, dbtest.SQLiteURL(t), "--audit-anchor", anchor)
	if want := fmt.Sprintf("The anchor is ahead: the entries of its last 2 blocks, until %d", time.Now().UTC().Year()); !strings.Contains(out, want) {
		t.Errorf("without %q: %s", want, out)
	}
}

// backupArgs holds the command line of the process that is going to be killed.
const backupArgs = "FICUS_TEST_BACKUP_ARGS"

// TestKilledBackup kills ficus backup and ficus restore at several moments. Whatever stands under the final name is whole,
// and a database that is not is refused by everyone.
func TestKilledBackup(t *testing.T) {
	if args := os.Getenv(backupArgs); args != "" {
		os.Exit(Run(t.Context(), strings.Split(args, "\n"), Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
	}
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		s := put(t, url, 300)
		killed := 0
		for wait := 20 * time.Millisecond; wait < time.Minute; wait = wait * 3 / 2 {
			path := filepath.Join(s.dir, wait.String())
			ended := s.killed(wait, "backup", "--db", s.db, "--key-file", s.key, "--to", path)
			if _, err := os.Stat(path); err == nil {
				s.done("restore", "--check", path, "--key-file", s.key)
			} else if ended {
				t.Fatal("it ended and left nothing")
			}
			if ended {
				break
			}
			killed++
		}
		path := s.backup("whole")
		seen, ends, wait := 0, 0, 50*time.Millisecond
		for tries := 0; tries < 300 && (seen == 0 || ends == 0); tries++ {
			target := another(t, url)
			if s.killed(wait, "restore", "--from", path, "--db", target, "--key-file", s.key) {
				if n := s.holds(target); n != 300 {
					t.Errorf("%d patients", n)
				}
				ends, wait = ends+1, 50*time.Millisecond+time.Duration(tries)*time.Millisecond/2 // between the moments of before
				continue
			}
			wait = wait * 5 / 4
			if code, _, err := ficus(t, "audit", "verify", "--db", target, "--key-file", s.key); code != exitDone && strings.Contains(err, "not restored to the end") {
				seen++
				s.refused("not restored to the end", "load", t.TempDir(), "--db", target, "--key-file", s.key)
				s.refused("not restored to the end", "restore", "--from", path, "--db", target, "--key-file", s.key)
			} else if code == exitDone && s.holds(target) != 300 {
				t.Error("a half restored database was opened")
			}
		}
		t.Logf("the backup was killed %d times, the restore was seen half done %d times", killed, seen)
		if killed == 0 || seen == 0 {
			t.Error("nothing was killed in the middle")
		}
	})
}

// killed runs a command and kills it after a time; it tells whether the command had ended by then.
func (s *safe) killed(wait time.Duration, args ...string) (ended bool) {
	s.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledBackup$")
	cmd.Env = append(os.Environ(), backupArgs+"="+strings.Join(args, "\n"))
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		s.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			s.Fatalf("%v: %s", err, out.String())
		}
		return true
	case <-time.After(wait):
		if err := cmd.Process.Kill(); err != nil {
			s.Fatal(err)
		}
		<-done
		return false
	}
}

// TestAMigratedDatabaseComesBack restores what was migrated into the other kind of database, proves it there, and runs the
// migration once more.
func TestAMigratedDatabaseComesBack(t *testing.T) {
	dump := synthetic(t, synth.Options{Patients: 20, Results: 20, Appointments: 5})
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		m := newMigration(t, url, dump)
		m.done(m.on("run")...)
		s := &safe{t, url, m.key, t.TempDir()}
		path := s.backup("migrated")
		target := dbtest.PostgresURL
		if strings.HasPrefix(url, "postgres") {
			target = dbtest.SQLiteURL
		}
		m.db = target(t)
		s.restore(path, m.db)
		if c := m.certificate(); c.Differences != 0 || c.Roots.Source != c.Roots.Target {
			t.Errorf("%+v", c.Differing)
		}
		if out := m.done(m.on("run")...); !strings.Contains(out, "0 resources and records written") {
			t.Error(out)
		}
	})
}
