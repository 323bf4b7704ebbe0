package audit

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// crashDB names the database of the process that is going to be killed.
const crashDB = "FICUS_TEST_AUDIT_CRASH_DB"

// TestTheVictim is the process that TestKillLosesNothing kills: it records and changes, seals, and says which entries were
// acknowledged. In a normal run it does nothing.
func TestTheVictim(t *testing.T) {
	url := os.Getenv(crashDB)
	if url == "" {
		return
	}
	d := dbtest.Open(t, url, db.Options{})
	if err := Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	l := NewLog(d, testKeys, Options{})
	sealAlong(t, d, 1)
	for w := range 8 {
		go work(t, d, l, fmt.Sprintf("%d-%d", os.Getpid(), w))
	}
	time.Sleep(time.Minute)
}

func work(t *testing.T, d *db.DB, l *Log, name string) {
	for i := 0; ; i++ {
		id := fmt.Sprintf("%s-%d", name, i)
		var err error
		switch i % 3 {
		case 0:
			err = change(t.Context(), d, l, nil, readOf(1, id))
		case 1:
			change(t.Context(), d, l, errRolledBack, readOf(1, id))
			continue
		default:
			err = l.Record(t.Context(), readOf(1, id))
		}
		if err != nil {
			return
		}
		os.Stdout.WriteString("acknowledged " + id + "\n")
	}
}

// killed runs the victim, lets end do its worst after a while, and returns the acknowledged ids.
func killed(t *testing.T, url string, end func(victim *os.Process)) (acknowledged []string) {
	t.Helper()
	return killedIn(t, "TestTheVictim", url, end)
}

// killedIn does so with the victim of a test.
func killedIn(t *testing.T, name, url string, end func(victim *os.Process)) (acknowledged []string) {
	t.Helper()
	victim := exec.Command(os.Args[0], "-test.run=^"+name+"$", "-test.count=1")
	victim.Env = append(os.Environ(), crashDB+"="+url)
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		id, ok := strings.CutPrefix(lines.Text(), "acknowledged ")
		if !ok {
			continue
		}
		if acknowledged = append(acknowledged, id); len(acknowledged) == 1 {
			time.AfterFunc(time.Duration(100+rand.IntN(300))*time.Millisecond, func() { end(victim.Process) })
		}
	}
	victim.Wait() // it was killed: its error says so
	return acknowledged
}

// survived checks that what was acknowledged is there, and the record whole.
func survived(t *testing.T, d *db.DB, acknowledged []string) {
	t.Helper()
	if len(acknowledged) == 0 {
		t.Fatal("the victim did nothing")
	}
	there := map[string]int{}
	for _, e := range collect(t, d, 1, Filter{}) {
		there[e.Things[0].ID]++
	}
	for _, id := range acknowledged {
		if there[id] != 1 {
			t.Errorf("%s is there %d times", id, there[id])
		}
	}
	if report := mustVerify(t, d, ""); !report.OK() {
		t.Errorf("%+v", report.Problems)
	}
}

func TestKillLosesNothing(t *testing.T) {
	rounds := 3
	if testing.Short() {
		rounds = 1
	}
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		var acknowledged []string
		for range rounds {
			acknowledged = append(acknowledged, killed(t, url, func(p *os.Process) { p.Kill() })...)
		}
		t.Logf("%d acknowledged", len(acknowledged))
		survived(t, dbtest.Open(t, url, db.Options{}), acknowledged)
	})
}

func TestKillingTheServerLosesNothing(t *testing.T) {
	if testing.Short() {
		return
	}
	server := dbtest.StartPostgres(t, dbtest.Durable)
	url := server.Database(t)
	acknowledged := killed(t, url, func(p *os.Process) {
		server.Kill(t)
		time.Sleep(50 * time.Millisecond)
		p.Kill()
	})
	server.Start(t)
	d := dbtest.Open(t, url, db.Options{})
	awaitServer(t, d)
	survived(t, d, acknowledged)
}

func awaitServer(t *testing.T, d *db.DB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for d.Ping(ctx) != nil {
		if ctx.Err() != nil {
			t.Fatal("the server does not come back")
		}
		time.Sleep(50 * time.Millisecond)
	}
}
