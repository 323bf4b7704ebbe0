package app

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// TestManyLargeBodiesAtOnceShareTheirMemory imports twenty bodies of four megabytes side by side: together they must take no
// more memory than they have bytes, though each of them takes several times its own.
func TestManyLargeBodiesAtOnceShareTheirMemory(t *testing.T) {
	const size, callers = 4 << 20, 20
	a := opened(t, Config{Database: Database{DB: dbtest.SQLiteURL(t)}, MaxBody: size, MaxBodies: size})
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	defer server.Close()
	key, body := token(t, a, "system/*.cruds"), largePatient(size)
	defer debug.SetGCPercent(debug.SetGCPercent(20)) // what is counted is what is used
	peak := peakOf(func() {
		var all sync.WaitGroup
		for range callers {
			all.Go(func() {
				if status := postPatient(t, server.URL, key, body); status != http.StatusCreated {
					t.Errorf("status %d", status)
				}
			})
		}
		all.Wait()
	})
	if peak > callers*size {
		t.Errorf("%d bodies of %d bytes took %d bytes", callers, size, peak)
	}
}

// largePatient is a patient of that many bytes, a value for each thirty of them.
func largePatient(size int) []byte {
	const name = `{"family":"abcdefghijklmnopqrstuvwxyz","given":["abcdefghijklmno"]}`
	text := `{"resourceType":"Patient","name":[` + name + strings.Repeat(","+name, size/(len(name)+1)-2) + `]}`
	return []byte(text)
}

func postPatient(t *testing.T, url, key string, body []byte) int {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/fhir/Patient", bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0
	}
	r.Header = http.Header{"Authorization": {"Bearer " + key}, "Content-Type": {"application/fhir+json"}, "Prefer": {"return=minimal"}}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer res.Body.Close()        //nolint:errcheck // a test's
	io.Copy(io.Discard, res.Body) //nolint:errcheck // what it says is not asked
	return res.StatusCode
}

// peakOf is how much the heap grows at most while fn runs.
func peakOf(fn func()) (peak uint64) {
	runtime.GC()
	before, done := heap(), make(chan struct{})
	go func() {
		defer close(done)
		fn()
	}()
	for {
		peak = max(peak, heap())
		select {
		case <-done:
			return peak - min(peak, before)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestTheMemoryLimitIsThatOfTheSettings(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	for _, c := range []struct {
		says        int64
		environment string
		want        int64
	}{{512 << 20, "", 512 << 20}, {0, "", before}, {512 << 20, "1GiB", before}} {
		t.Setenv("GOMEMLIMIT", c.environment)
		undo := Config{Memory: c.says}.limitMemory()
		if got := debug.SetMemoryLimit(-1); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
		undo()
	}
	if got := debug.SetMemoryLimit(-1); got != before {
		t.Errorf("afterwards the limit is %d", got)
	}
}

// TestTheMemoryLimitIsLogged says what the server says when it starts.
func TestTheMemoryLimitIsLogged(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	for _, c := range []struct {
		says        int64
		environment string
		want        string
	}{
		{512 << 20, "", `level=INFO msg="soft memory limit" bytes=536870912 setting=memory`},
		{0, "", `level=INFO msg="no soft memory limit" setting=memory`},
		{512 << 20, "off", `level=INFO msg="no soft memory limit" setting=GOMEMLIMIT`},
	} {
		t.Setenv("GOMEMLIMIT", c.environment)
		var out bytes.Buffer
		a := opened(t, Config{Database: Database{DB: dbtest.SQLiteURL(t)}, Address: Address{Listen: "127.0.0.1:0"}, Memory: c.says})
		a.Log = slog.New(slog.NewTextHandler(&out, nil))
		ctx, cancel := context.WithCancel(t.Context())
		if err := a.Serve(ctx, func(net.Addr) { cancel() }); err != nil || !strings.Contains(out.String(), c.want) {
			t.Errorf("%+v: %v\n%s", c, err, &out)
		}
	}
}
