package rest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/access"
)

func TestTheDeadlineMovesWithWhatCame(t *testing.T) {
	p, second := pace{slowest: 1000, grace: 10 * time.Second}, time.Second
	for name, c := range map[string]struct {
		due, now time.Duration // after noon
		n        int
		want     time.Duration
	}{
		"nothing came":           {10 * second, 3 * second, 0, 10 * second},
		"at the slowest speed":   {10 * second, 3 * second, 3000, 13 * second},
		"half as fast":           {10 * second, 6 * second, 3000, 13 * second},
		"never beyond the grace": {10 * second, 3 * second, 1 << 20, 13 * second},
		"a large part":           {10 * second, 3 * second, 64 << 20, 13 * second},
	} {
		if got := p.next(noon.Add(c.due), noon.Add(c.now), c.n).Sub(noon); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// sender is a request whose body comes in chunks, as the test wants.
type sender struct {
	t    *testing.T
	conn net.Conn
}

func sends(t *testing.T, url, token, text string) sender {
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck // a test's
	s := sender{t, conn}
	fmt.Fprintf(conn, "POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n", token, fhirJSON) //nolint:errcheck // the answer says it
	s.more(text)
	return s
}

func (s sender) more(text string) {
	fmt.Fprintf(s.conn, "%x\r\n%s\r\n", len(text), text) //nolint:errcheck // the answer says it
}

// status is that of the answer, which must be there in time.
func (s sender) status(within time.Duration) int {
	s.t.Helper()
	s.conn.SetReadDeadline(time.Now().Add(within)) //nolint:errcheck // then reading fails
	res, err := http.ReadResponse(bufio.NewReader(s.conn), nil)
	if err != nil {
		s.t.Errorf("no answer: %v", err)
		return 0
	}
	defer res.Body.Close()        //nolint:errcheck // a test's
	io.Copy(io.Discard, res.Body) //nolint:errcheck // what it says is not asked
	return res.StatusCode
}

// paceRig is a server on a line, whose bodies must come at that pace.
func paceRig(t *testing.T, o Options, p pace) (*rig, string) {
	r := newRig(t, o)
	r.http.pace = p
	server := httptest.NewServer(r.http)
	t.Cleanup(server.Close)
	return r, server.URL
}

// TestASmallBodyPassesWhileLargeOnesWait lets one body of unknown size idle beyond its first megabyte, and as many others
// come as would take all of the room for small ones.
func TestASmallBodyPassesWhileLargeOnesWait(t *testing.T) {
	r, url := paceRig(t, Options{MaxBody: 64 << 20}, usualPace())
	beyond := patientOf(smallBody + 60<<10)
	sends(t, url, "x", beyond)
	for range 24 {
		sends(t, url, "x", beyond)
	}
	time.Sleep(300 * time.Millisecond) // until they have come
	begun, small := time.Now(), patientOf(100<<10)
	if w := posted(r.http, strings.NewReader(small), int64(len(small)), ""); w.Code != http.StatusCreated {
		t.Errorf("a small one: %d %.300s", w.Code, w.Body)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("a small one waited for %s", took)
	}
	if l := r.http.room.large; !l.left.TryAcquire(l.size / 2) {
		t.Error("one caller has more than half of the room for large ones")
	}
}

// TestAnIdleSenderIsCutOff sends fast at first, and then nothing more; one that goes on at the pace comes to its end.
func TestAnIdleSenderIsCutOff(t *testing.T) {
	r, url := paceRig(t, Options{MaxBody: 64 << 20}, pace{slowest: 1 << 20, grace: time.Second, whole: time.Second})
	var all sync.WaitGroup
	all.Go(func() {
		if status := sends(t, url, "x", patientOf(8 << 20)[:8<<20]).status(5 * time.Second); status != http.StatusRequestTimeout {
			t.Errorf("the idle one: %d", status)
		}
	})
	all.Go(func() {
		text := patientOf(4 << 20)
		s := sends(t, url, "x", text[:smallBody])
		for text = text[smallBody:]; len(text) > 0; text = text[min(len(text), smallBody):] {
			time.Sleep(500 * time.Millisecond)
			s.more(text[:min(len(text), smallBody)])
		}
		s.more("")
		if status := s.status(5 * time.Second); status != http.StatusCreated {
			t.Errorf("the steady one: %d", status)
		}
	})
	all.Wait()
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second) // an answer may come before its handler has ended
	defer stop()
	if l := r.http.room.large; l.left.Acquire(ctx, l.size) != nil {
		t.Error("a share was not given back")
	}
}

// TestWhoHoldsMuchMustBeFastWhileOthersWait has a caller send one body that takes all of the room for large ones, at the slowest pace or
// at one that others can wait for.
func TestWhoHoldsMuchMustBeFastWhileOthersWait(t *testing.T) {
	for name, c := range map[string]struct {
		part   int // sent every tenth of a second
		status int
	}{
		"as slowly as may be": {8 << 10, http.StatusServiceUnavailable},
		"fast enough":         {512 << 10, http.StatusCreated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, url := paceRig(t, Options{MaxBody: 4 << 20, MaxBodies: 5 << 20}, pace{slowest: 64 << 10, grace: 4 * time.Second, whole: 4 * time.Second})
			r.http.Gate = func(q *http.Request) (access.Principal, error) {
				return access.Principal{Tenant: 1, Subject: q.Header.Get("Authorization")}, nil
			}
			text := patientOf(4<<20 - 1000)
			hog, sent := sends(t, url, "hog", text[:smallBody+1]), make(chan int)
			time.Sleep(100 * time.Millisecond)
			go func() {
				for rest := text[smallBody+1:]; len(rest) > 0; rest = rest[min(len(rest), c.part):] {
					hog.more(rest[:min(len(rest), c.part)])
					time.Sleep(100 * time.Millisecond)
				}
				hog.more("")
			}()
			go func() { sent <- hog.status(20 * time.Second) }()
			begun, other := time.Now(), patientOf(2<<20)
			if w := posted(r.http, strings.NewReader(other), int64(len(other)), ""); w.Code != http.StatusCreated {
				t.Errorf("the other one: %d %.300s", w.Code, w.Body)
			}
			if took := time.Since(begun); took > 8*time.Second {
				t.Errorf("the other one waited for %s", took)
			}
			if status := <-sent; status != c.status {
				t.Errorf("the one that was there: %d", status)
			}
		})
	}
}

func TestAMegabyteASecondIsFastEnoughForTheLargestBody(t *testing.T) {
	if p := usualPace().hurried(defaultMaxBody); p.slowest > 1_000_000 {
		t.Errorf("%d bytes a second are asked for while others wait", p.slowest)
	}
}

func TestWhoSendsNothingIsNotWaitedFor(t *testing.T) {
	p, second := usualPace(), time.Second
	for name, c := range map[string]struct {
		pace pace
		due  time.Duration
		want time.Duration
		idle bool
	}{
		"alone":             {p, 10 * second, 5 * second, true},
		"while others wait": {p.hurried(64 << 20), 5 * second, 2 * second, true},
		"behind":            {p, second, second, false},
		"without a bound":   {pace{grace: second}, 10 * second, 10 * second, false},
	} {
		at, idle := c.pace.until(noon.Add(c.due), noon)
		if at.Sub(noon) != c.want || idle != c.idle {
			t.Errorf("%s: %s %v", name, at.Sub(noon), idle)
		}
	}
}

// announced is a request that says how long its body will be, of which text is sent.
func announced(t *testing.T, url, token, text string, size int) sender {
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Error(err)
		return sender{}
	}
	t.Cleanup(func() { conn.Close() })                                                                                                                                       //nolint:errcheck // a test's
	fmt.Fprintf(conn, "POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", token, fhirJSON, size, text) //nolint:errcheck // the answer says it
	return sender{t, conn}
}

// TestIdleSendersKeepNobodyFromSendingSteadily has several callers announce the largest body and send its beginning or nothing, again and
// again, and one send it whole at a quarter more than the speed that is asked for while others wait.
func TestIdleSendersKeepNobodyFromSendingSteadily(t *testing.T) {
	r, url := paceRig(t, Options{MaxBody: 4 << 20, MaxBodies: 5 << 20},
		pace{slowest: 64 << 10, grace: 2 * time.Second, whole: 5 * time.Second, idle: time.Second, prompt: 300 * time.Millisecond})
	r.http.Gate = func(q *http.Request) (access.Principal, error) {
		return access.Principal{Tenant: 1, Subject: q.Header.Get("Authorization")}, nil
	}
	text := patientOf(4<<20 - 1000)
	done, all := make(chan struct{}), sync.WaitGroup{}
	for i := range 6 {
		all.Go(func() {
			beginning := text[:i%2*(freeBody+100)]
			for {
				s := announced(t, url, fmt.Sprint("idle", i), beginning, len(text))
				if status := s.status(20 * time.Second); status != http.StatusRequestTimeout {
					t.Errorf("one who sends %d bytes: %d", len(beginning), status)
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	time.Sleep(500 * time.Millisecond) // until they wait
	s := announced(t, url, "steady", "", len(text))
	go func() {
		for rest := text; len(rest) > 0; rest = rest[min(len(rest), 100<<10):] {
			s.conn.Write([]byte(rest[:min(len(rest), 100<<10)])) //nolint:errcheck // the answer says it
			time.Sleep(100 * time.Millisecond)
		}
	}()
	if status := s.status(25 * time.Second); status != http.StatusCreated {
		t.Errorf("the steady one: %d", status)
	}
	close(done)
	all.Wait()
}
