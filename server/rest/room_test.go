package rest

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

func TestRoomIsSharedBySize(t *testing.T) {
	r, gone := newRoom(8<<20, 4<<20), soon(t)
	for range 1000 {
		if s, err := r.take(gone, of("a"), freeBody); err != nil || s.n != 0 {
			t.Fatalf("a body of a few kilobytes was counted: %v, %v", s, err)
		}
	}
	large, err := r.take(t.Context(), of("a"), 4<<20)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.take(gone, of("b"), 4<<20); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a second one of four beside six: %v", err)
	}
	for _, who := range []string{"a", "b"} {
		if _, err := r.take(t.Context(), of(who), smallBody); err != nil {
			t.Errorf("small ones have to wait for large ones: %v", err)
		}
	}
	if _, err := r.take(gone, of("c"), smallBody); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a third small one in two: %v", err)
	}
	large.shrink(1 << 20)
	if _, err := r.take(t.Context(), of("b"), 4<<20); err != nil {
		t.Errorf("what was given back is not there: %v", err)
	}
}

func of(subject string) caller { return caller{1, subject} }

// TestOneCallerHasHalfALane takes all that one caller can get, of either size, and wants as much to be left for another.
func TestOneCallerHasHalfALane(t *testing.T) {
	for _, n := range []int64{smallBody, 2 << 20} {
		r := newRoom(32<<20, 4<<20)
		l, most := r.lane(n), r.lane(n).size/2/n
		var held []share
		for _, who := range []string{"a", "b"} {
			for range most {
				s, err := r.take(soon(t), of(who), n)
				if err != nil {
					t.Fatalf("%s, %d bytes: %v", who, n, err)
				}
				held = append(held, s)
			}
			if _, err := r.take(soon(t), of(who), n); !fault.Is(err, fault.Unavailable) {
				t.Errorf("%s has more than half of the lane for %d bytes: %v", who, n, err)
			}
		}
		for i := range held {
			held[i].shrink(n / answerPart)
			held[i].shrink(0)
		}
		if len(l.callers) > 0 || !l.left.TryAcquire(l.size) {
			t.Errorf("not everything was given back: %v", l.callers)
		}
	}
}

// TestAShareGrowsAtOnceOrNotAtAll wants a share to be as it was when there is no more.
func TestAShareGrowsAtOnceOrNotAtAll(t *testing.T) {
	r := newRoom(32<<20, 24<<20)
	s, err := r.take(t.Context(), of("a"), smallBody)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int64{4 << 20, 16 << 20, 24 << 20} {
		if err := r.grow(&s, n); err != nil || s.n != n {
			t.Fatalf("to %d: %v", n, err)
		}
	}
	other, err := r.take(t.Context(), of("b"), smallBody)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.grow(&other, 4<<20); !fault.Is(err, fault.Unavailable) || other.n != smallBody {
		t.Errorf("%v, %d bytes", err, other.n)
	}
	s.shrink(0)
	if err := r.grow(&other, 4<<20); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	other.shrink(0)
	if len(r.small.callers)+len(r.large.callers) > 0 || !r.small.left.TryAcquire(r.small.size) || !r.large.left.TryAcquire(r.large.size) {
		t.Error("not everything was given back")
	}
}

// soon ends before anything is given back.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

func TestTheLargestBodyAlwaysHasRoom(t *testing.T) {
	if _, err := newRoom(1, 64<<20).take(soon(t), of("a"), 64<<20); err != nil {
		t.Error(err)
	}
}

// slowBody gives its text only when it is told to, but for the beginning, without which it has no share.
type slowBody struct {
	io.Reader
	begun chan struct{}
	let   chan struct{}
	given int
}

func (b *slowBody) Read(p []byte) (int, error) {
	if b.given < freeBody {
		n, err := b.Reader.Read(p[:min(len(p), freeBody-b.given)])
		b.given += n
		return n, err
	}
	if b.begun != nil {
		close(b.begun)
		b.begun = nil
	}
	<-b.let
	return b.Reader.Read(p)
}

// patientOf is a patient of about n bytes.
func patientOf(n int) string {
	return `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">` + strings.Repeat("x", n) + `</div>"}}`
}

func posted(s http.Handler, body io.Reader, size int64, encoding string) *httptest.ResponseRecorder {
	q := httptest.NewRequest(http.MethodPost, "/fhir/Patient", body)
	q.ContentLength = size
	q.Header.Set("Content-Type", fhirJSON)
	q.Header.Set("Authorization", "Bearer x")
	if encoding != "" {
		q.Header.Set("Content-Encoding", encoding)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, q)
	return w
}

// TestABodyWithoutRoomIsRefusedForNow holds the room by a body that does not come to its end. Others of its size are refused
// with 503, smaller ones are not, and when it has come, all is as before.
func TestABodyWithoutRoomIsRefusedForNow(t *testing.T) {
	s := newRig(t, Options{MaxBody: 2 << 20, MaxBodies: 3 << 20, Timeout: time.Second}).http
	large := patientOf(smallBody)
	slow := &slowBody{strings.NewReader(large), make(chan struct{}), make(chan struct{}), 0}
	begun, ended := slow.begun, make(chan int)
	go func() { ended <- posted(s, slow, int64(len(large)), "").Code }()
	<-begun
	for name, w := range map[string]*httptest.ResponseRecorder{
		"of known size":   posted(s, strings.NewReader(large), int64(len(large)), ""),
		"of unknown size": posted(s, strings.NewReader(large), -1, ""),
		"compressed":      posted(s, zipped(t, large), -1, "gzip"),
	} {
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), `"transient"`) {
			t.Errorf("one %s: %d %s", name, w.Code, w.Body)
		}
	}
	for name, w := range map[string]*httptest.ResponseRecorder{
		"a few kilobytes": posted(s, strings.NewReader(patientOf(1000)), -1, ""),
		"half a megabyte": posted(s, zipped(t, patientOf(1<<19)), -1, "gzip"),
	} {
		if w.Code != http.StatusCreated {
			t.Errorf("%s: %d %.300s", name, w.Code, w.Body)
		}
	}
	close(slow.let)
	if status := <-ended; status != http.StatusCreated {
		t.Errorf("the slow one: %d", status)
	}
	for range 3 {
		if w := posted(s, zipped(t, large), -1, "gzip"); w.Code != http.StatusCreated {
			t.Errorf("afterwards: %d %.300s", w.Code, w.Body)
		}
	}
}

func zipped(t *testing.T, text string) io.Reader {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return &b
}

// TestBodiesOfAnySizeAreReadWhole goes around the sizes at which the share of a body changes.
func TestBodiesOfAnySizeAreReadWhole(t *testing.T) {
	const limit = 3 << 20
	s := newRig(t, Options{MaxBody: limit}).http
	frame := len(patientOf(0))
	for _, n := range []int{frame, freeBody - 1, freeBody, freeBody + 1, smallBody - 1, smallBody, smallBody + 1, limit - 1, limit, limit + 1} {
		text := patientOf(n - frame)
		want := http.StatusCreated
		if n > limit {
			want = http.StatusRequestEntityTooLarge
		}
		for name, w := range map[string]*httptest.ResponseRecorder{
			"known":      posted(s, strings.NewReader(text), int64(n), ""),
			"unknown":    posted(s, strings.NewReader(text), -1, ""),
			"compressed": posted(s, zipped(t, text), -1, "gzip"),
		} {
			if w.Code != want {
				t.Errorf("%d bytes, %s: %d %.300s", n, name, w.Code, w.Body)
			}
		}
		half, _ := io.ReadAll(zipped(t, text))
		if w := posted(s, bytes.NewReader(half[:len(half)-4]), -1, "gzip"); w.Code != http.StatusBadRequest && n <= limit {
			t.Errorf("%d bytes, broken off: %d %.300s", n, w.Code, w.Body)
		}
	}
}

// TestALargeAnswerInAnotherFormNeedsRoomToo reads what is stored while a body that does not end holds the room.
func TestALargeAnswerInAnotherFormNeedsRoomToo(t *testing.T) {
	r := newRig(t, Options{MaxBody: 2 << 20, MaxBodies: 3 << 20, Timeout: time.Second})
	large := patientOf(smallBody)
	if w := posted(r.http, strings.NewReader(large), int64(len(large)), ""); w.Code != http.StatusCreated {
		t.Fatal(w.Code)
	}
	id := r.shelf.list[0].ID
	slow := &slowBody{strings.NewReader(large), make(chan struct{}), make(chan struct{}), 0}
	begun, ended := slow.begun, make(chan int)
	go func() { ended <- posted(r.http, slow, int64(len(large)), "").Code }()
	<-begun
	for query, want := range map[string]int{"": http.StatusOK, "?_format=xml": http.StatusServiceUnavailable, "?_pretty=true": http.StatusServiceUnavailable} {
		if w := r.do("GET /fhir/Patient/" + id + query); w.Code != want {
			t.Errorf("%q: %d", query, w.Code)
		}
	}
	close(slow.let)
	<-ended
	if w := r.do("GET /fhir/Patient/" + id + "?_format=xml"); w.Code != http.StatusOK {
		t.Errorf("afterwards: %d", w.Code)
	}
}

// TestAPatchOfALargeResourceNeedsRoomToo patches what is stored while a body that does not end holds the room.
func TestAPatchOfALargeResourceNeedsRoomToo(t *testing.T) {
	r := newRig(t, Options{MaxBody: 2 << 20, MaxBodies: 3 << 20, Timeout: time.Second})
	large := patientOf(smallBody)
	for id, text := range map[string]string{"large": large, "small": patientOf(10)} {
		r.shelf.list = append(r.shelf.list, store.Version{Type: "Patient", ID: id, Number: 1, Updated: noon, Method: store.Put, Body: []byte(text)})
	}
	patched := func(id string) int {
		q := httptest.NewRequest(http.MethodPatch, "/fhir/Patient/"+id, strings.NewReader(`[{"op":"add","path":"/gender","value":"male"}]`))
		q.Header.Set("Content-Type", "application/json-patch+json")
		q.Header.Set("Authorization", "Bearer x")
		w := httptest.NewRecorder()
		r.http.ServeHTTP(w, q)
		return w.Code
	}
	slow := &slowBody{strings.NewReader(large), make(chan struct{}), make(chan struct{}), 0}
	begun, ended := slow.begun, make(chan int)
	go func() { ended <- posted(r.http, slow, int64(len(large)), "").Code }()
	<-begun
	if status := patched("large"); status != http.StatusServiceUnavailable {
		t.Errorf("of a large one: %d", status)
	}
	if status := patched("small"); status != http.StatusOK {
		t.Errorf("of a small one: %d", status)
	}
	close(slow.let)
	<-ended
	if status := patched("large"); status != http.StatusOK {
		t.Errorf("afterwards: %d", status)
	}
}
