package dump

import (
	"bufio"
	"io"

	"github.com/klauspost/compress/gzip"

	"github.com/ficushealth/ficus/fault"
)

// members reads a gzip file, which may be several one after the other (RFC 1952, section 2.2), and tells what stands behind
// the last one from one that breaks off.
type members struct {
	*gzip.Reader
	in *bufio.Reader
}

func newMembers(r io.Reader) (*members, error) {
	m := &members{in: bufio.NewReaderSize(r, 1<<16)}
	var err error
	if m.Reader, err = gzip.NewReader(m.in); err == nil {
		m.Multistream(false)
	}
	return m, err
}

func (m *members) Read(b []byte) (int, error) {
	n, err := m.Reader.Read(b)
	if n > 0 || err != io.EOF {
		return n, swallow(err, n)
	}
	if err := m.next(); err != nil {
		return 0, err
	}
	return m.Read(b)
}

// swallow keeps the end of a member for the following call, where something was read.
func swallow(err error, n int) error {
	if n > 0 && err == io.EOF {
		return nil
	}
	return err
}

// next begins the next member; io.EOF if there is none.
func (m *members) next() error {
	head, err := m.in.Peek(2)
	switch {
	case len(head) == 0:
		return err
	case head[0] != 0x1F || len(head) == 2 && head[1] != 0x8B:
		return fault.New(fault.Invalid, "something stands behind the compressed data, as if the file were longer than what was packed; copy the file again")
	}
	if err := m.Reset(m.in); err != nil {
		return err
	}
	m.Multistream(false)
	return nil
}
