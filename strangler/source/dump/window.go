package dump

import (
	"bytes"
	"io"

	"github.com/ficushealth/ficus/fault"
)

const windowSize = 1 << 20

// window is the part of the file that is in memory. Reading moves pos towards end; what lies before pos is given up at the
// next refill, unless keep holds it.
type window struct {
	src      io.Reader
	buf      []byte
	pos, end int
	keep     int   // first byte that must stay, -1 for none; places of a row are counted from it
	most     int   // bytes that may be kept
	base     int64 // bytes of the file before buf[0]
	line     int64 // line of buf[counted], from 1
	counted  int
	last     byte  // the last byte read
	err      error // why there is no more: io.EOF or worse
}

func newWindow(src io.Reader, most int) *window {
	return &window{src: src, buf: make([]byte, windowSize), keep: -1, most: most, line: 1}
}

// more reads on; it reports false at the end of the file, or if reading failed.
func (w *window) more() bool {
	if w.err != nil {
		return false
	}
	w.slide()
	if w.end == len(w.buf) && !w.grow() {
		return false
	}
	for range 100 {
		n, err := w.src.Read(w.buf[w.end:])
		w.end += n
		if err != nil {
			w.err = err
		}
		if n > 0 {
			w.last = w.buf[w.end-1]
			return true
		}
		if err != nil {
			return false
		}
	}
	w.err = io.ErrNoProgress
	return false
}

// slide gives up what is read and not kept.
func (w *window) slide() {
	from := w.pos
	if w.keep >= 0 {
		from = min(from, w.keep)
	}
	if from == 0 {
		return
	}
	if w.counted < from {
		w.countTo(from)
	}
	copy(w.buf, w.buf[from:w.end])
	w.base += int64(from)
	w.pos, w.end, w.counted = w.pos-from, w.end-from, w.counted-from
	if w.keep >= 0 {
		w.keep -= from
	}
	w.shrink()
}

// shrink lets go of a buffer that grew for one long row.
func (w *window) shrink() {
	if len(w.buf) > windowSize && w.end < windowSize/2 {
		buf := make([]byte, windowSize)
		copy(buf, w.buf[:w.end])
		w.buf = buf
	}
}

func (w *window) grow() bool {
	if len(w.buf) >= w.most {
		w.err = fault.New(fault.TooLarge, "a row or statement is longer than %d bytes", w.most)
		return false
	}
	buf := make([]byte, min(2*len(w.buf), max(w.most, windowSize)))
	copy(buf, w.buf[:w.end])
	w.buf = buf
	return true
}

// peek is the next byte; ok is false at the end.
func (w *window) peek() (c byte, ok bool) {
	if w.pos == w.end && !w.more() {
		return 0, false
	}
	return w.buf[w.pos], true
}

// ahead are up to n next bytes, fewer at the end.
func (w *window) ahead(n int) []byte {
	for w.end-w.pos < n && w.more() {
	}
	return w.buf[w.pos:min(w.pos+n, w.end)]
}

// starts reports whether the next bytes are s.
func (w *window) starts(s string) bool { return string(w.ahead(len(s))) == s }

// offset is the number of bytes of the file before buf[at].
func (w *window) offset(at int) int64 { return w.base + int64(at) }

// lineAt is the line of buf[at].
func (w *window) lineAt(at int) int64 {
	if at < w.counted {
		return w.line - int64(bytes.Count(w.buf[at:w.counted], []byte{'\n'}))
	}
	w.countTo(at)
	return w.line
}

func (w *window) countTo(at int) {
	w.line += int64(bytes.Count(w.buf[w.counted:at], []byte{'\n'}))
	w.counted = at
}
