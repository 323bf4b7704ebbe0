package app

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/ficushealth/ficus/fault"
)

// serving runs answer over a handler that takes as long as the test wants.
func serving(t *testing.T, stopTime time.Duration, h http.Handler) (url string, stop func(), ended chan error) {
	t.Helper()
	c := Config{Address: Address{Listen: "127.0.0.1:0"}, StopTime: stopTime}
	l, err := c.listen()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended = make(chan error, 1)
	go func() { ended <- c.answer(ctx, l, h, slog.New(slog.DiscardHandler)) }()
	return "http://" + l.Addr().String(), cancel, ended
}

func TestAStopLetsRequestsEnd(t *testing.T) {
	inside, release := make(chan bool), make(chan bool)
	url, stop, ended := serving(t, time.Minute, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(inside)
		<-release
		io.WriteString(w, "done") //nolint:errcheck // a test's
	}))
	body := make(chan string, 1)
	go func() {
		res, err := http.Get(url)
		if err != nil {
			body <- err.Error()
			return
		}
		b, _ := io.ReadAll(res.Body)
		res.Body.Close() //nolint:errcheck // a test's
		body <- string(b)
	}()
	<-inside
	stop()
	for { // until the address is closed for others
		res, err := http.Get(url)
		if err != nil {
			break
		}
		res.Body.Close() //nolint:errcheck // a test's
	}
	close(release)
	if got := <-body; got != "done" {
		t.Error(got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAStopDoesNotWaitForEver(t *testing.T) {
	inside := make(chan bool)
	url, stop, ended := serving(t, 10*time.Millisecond, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(inside)
		<-r.Context().Done()
	}))
	go http.Get(url) //nolint:errcheck,bodyclose // it is cut off
	<-inside
	stop()
	if err := <-ended; !fault.Is(err, fault.TimedOut) {
		t.Error(err)
	}
}

func TestAnAddressThatIsTakenIsSaid(t *testing.T) {
	c := Config{Address: Address{Listen: "127.0.0.1:0"}}
	l, err := c.listen()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // a test's
	c.Listen = l.Addr().String()
	if _, err := c.listen(); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
	if _, err := (Config{Address: Address{Listen: "127.0.0.1:0", TLSCert: "none"}}).listen(); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}
