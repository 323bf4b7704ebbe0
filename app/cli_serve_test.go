package app

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// started runs ficus serve in the background until stop is called, which returns its exit
// code and what it logged.
func started(t *testing.T, db string) (base string, stop func() (int, string)) {
	t.Helper()
	out, w := io.Pipe()
	var log strings.Builder
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		key := filepath.Join(filepath.Dir(strings.TrimPrefix(db, "sqlite:")), "key")
		if !strings.HasPrefix(db, "sqlite:") {
			key = filepath.Join(t.TempDir(), "key")
		}
		ended <- Run(ctx, []string{"serve", "--db", db, "--listen", "127.0.0.1:0", "--key-file", key, "--log-format", "json"}, Streams{In: strings.NewReader(""), Out: w, Err: &log})
		w.Close() //nolint:errcheck // never fails
	}()
	line, _ := bufio.NewReader(out).ReadString('\n')
	_, base, ok := strings.Cut(strings.TrimSpace(line), " at ")
	if !ok {
		t.Fatal(line, <-ended, log.String())
	}
	return base, func() (int, string) {
		cancel()
		return <-ended, log.String()
	}
}

func TestServeAnswersUntilItIsStopped(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		for range 2 { // the second time, the schema and the key are there
			start := time.Now()
			base, stop := started(t, url)
			res, err := http.Get(base + "/metadata")
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close() //nolint:errcheck // a test's
			if res.StatusCode != http.StatusOK {
				t.Error(res.Status)
			}
			t.Logf("the first answer came after %v", time.Since(start))
			code, log := stop()
			if code != exitDone || !strings.Contains(log, `"msg":"stopped"`) || !strings.Contains(log, `"route":"/fhir/metadata"`) {
				t.Errorf("%d %s", code, log)
			}
			if _, err := http.Get(base + "/metadata"); err == nil {
				t.Error("it still answers")
			}
			if strings.HasPrefix(url, "postgres") {
				return // a second key file would not open what the first one sealed
			}
		}
	})
}

func TestAFileThatAServerHoldsIsLeftAlone(t *testing.T) {
	url := dbtest.SQLiteURL(t)
	_, stop := started(t, url)
	defer stop()
	code, _, err := ficus(t, "serve", "--db", url, "--listen", "127.0.0.1:0")
	if code != exitFailed || !strings.Contains(err, "held by another ficus process") || !strings.Contains(err, "stop it, or wait until it ends, and give the command again") {
		t.Errorf("%d %s", code, err)
	}
}
