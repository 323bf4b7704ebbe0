package app

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// every is how often progress is told where nobody watches.
const every = 5 * time.Second

// bar shows how far a long work is: drawn on a terminal, else as a line now and then. It is for one goroutine at a time.
type bar struct {
	out   io.Writer
	title string
	unit  string
	drawn *progressbar.ProgressBar // nil: lines
	live  bool
	begun time.Time
	told  time.Time
}

func newBar(s *Streams, title, unit string) *bar {
	f, isFile := s.Err.(*os.File)
	now := time.Now()
	return &bar{out: s.Err, title: title, unit: unit, begun: now, told: now, live: isFile && term.IsTerminal(int(f.Fd()))}
}

// set says how much is done.
func (b *bar) set(done, total int64) {
	if b.live {
		b.draw(done, total)
		return
	}
	if now := time.Now(); now.Sub(b.told) >= every {
		b.told = now
		b.line(done, total, now)
	}
}

func (b *bar) draw(done, total int64) {
	if b.drawn == nil {
		b.drawn = progressbar.NewOptions64(total, progressbar.OptionSetWriter(b.out), progressbar.OptionSetDescription(b.title),
			progressbar.OptionShowBytes(b.unit == "bytes"), progressbar.OptionShowCount(), progressbar.OptionSetItsString(b.unit),
			progressbar.OptionShowIts(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetWidth(24))
	}
	b.drawn.ChangeMax64(max(total, 1))
	_ = b.drawn.Set64(done)
}

func (b *bar) line(done, total int64, now time.Time) {
	rate := float64(done) / max(now.Sub(b.begun).Seconds(), 1e-3)
	left := "-"
	if rate > 0 && total >= done {
		left = time.Duration(float64(total-done) / rate * float64(time.Second)).Round(time.Second).String()
	}
	fmt.Fprintf(b.out, "%s: %s of %s %s, %s %s/s, %s left\n", b.title, count(done), count(total), b.unit, count(int64(rate)), b.unit, left) //nolint:errcheck // nobody watches
}

// rename changes the title.
func (b *bar) rename(title string) {
	b.title = title
	if b.drawn != nil {
		b.drawn.Describe(title)
	}
}

// end takes a drawn bar away.
func (b *bar) end() {
	if b.drawn != nil {
		_ = b.drawn.Clear()
	}
}
