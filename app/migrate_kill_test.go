package app

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/packs/opal/synth"
)

// killArgs holds the command line of the process that is going to be killed.
const killArgs = "FICUS_TEST_KILL_ARGS"

// TestKilledMove kills ficus migrate run at random moments, again and again, lets it end at last, and proves what is there.
// FICUS_CRASH_TIME says for how long; without it, it is done a few times.
func TestKilledMove(t *testing.T) {
	if args := os.Getenv(killArgs); args != "" {
		os.Exit(Run(t.Context(), strings.Split(args, "\n"), Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
	}
	dump := synthetic(t, synth.Options{Patients: 100, Results: 60, Appointments: 10})
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		limit, rounds := crashTime(t)
		seed := uint64(time.Now().UnixNano())
		t.Log("seed", seed)
		random := rand.New(rand.NewPCG(seed, 3))
		kills, moves := 0, 0
		for end := time.Now().Add(limit); moves == 0 || limit > 0 && time.Now().Before(end); moves++ {
			if moves > 0 {
				url = another(t, url)
			}
			m := newMigration(t, url, dump)
			kills += m.killed(random, rounds)
			if c := m.certificate(); c.Differences != 0 {
				t.Fatalf("%+v", c.Differing)
			}
			m.onlyFirstVersions()
		}
		t.Logf("%d moves were killed %d times", moves, kills)
	})
}

// crashTime is how long moves are killed, and how often each of them is.
func crashTime(t *testing.T) (time.Duration, int) {
	s := os.Getenv("FICUS_CRASH_TIME")
	if s == "" {
		return 0, 5
	}
	limit, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return limit / 2, 12 // there are two databases
}

func another(t *testing.T, url string) string {
	if strings.HasPrefix(url, "sqlite:") {
		return dbtest.SQLiteURL(t)
	}
	return dbtest.PostgresURL(t)
}

// killed starts the move and kills it, so many times, and then lets it end. It returns how often it was killed indeed.
func (m *migration) killed(random *rand.Rand, rounds int) (kills int) {
	m.Helper()
	args := strings.Join(append([]string{"migrate"}, m.on("run", "--batch", "40")...), "\n")
	for round := 0; ; round++ {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledMove$")
		cmd.Env = append(os.Environ(), killArgs+"="+args)
		var out strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			m.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		wait := time.Duration(random.Int64N(int64(1200 * time.Millisecond)))
		if round >= rounds {
			wait = 2 * time.Minute
		}
		select {
		case err := <-ended:
			if err != nil {
				m.Fatalf("%v: %s", err, out.String())
			}
			return kills
		case <-time.After(wait):
			kills++
			if err := cmd.Process.Kill(); err != nil {
				m.Fatal(err)
			}
			<-ended
		}
	}
}

func (m *migration) onlyFirstVersions() {
	m.Helper()
	d := dbtest.Open(m.T, m.db, db.Options{})
	for _, stmt := range []string{`SELECT count(*) FROM resource WHERE version > 1`, `SELECT count(*) FROM resource_history`} {
		err := d.Query(m.Context(), db.Same(stmt), nil, func(r db.Row) error {
			if n := r.Int64(0); n != 0 {
				m.Errorf("%d rows: %s", n, stmt)
			}
			return nil
		})
		if err != nil {
			m.Fatal(err)
		}
	}
}
