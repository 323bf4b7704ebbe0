package rest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/ficushealth/ficus/fault"
)

// body reads a whole body, inflated, of at most limit bytes, and gives the rest of the work its time. A larger one waits for
// its share of the room first, which the request keeps. Faults: TooLarge, Unsupported (an unknown encoding), Invalid (bad
// gzip, a connection that broke off), Unavailable (no room in time).
func (c *call) body(limit int64) ([]byte, error) {
	defer c.clock()
	b, err := c.readBody(limit)
	if err == nil && c.share.n > 0 {
		c.deadline(time.Time{})
	}
	return b, err
}

func (c *call) readBody(limit int64) ([]byte, error) {
	if c.r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	from, size, err := plain(c.w, c.r, limit)
	if err != nil {
		return nil, err
	}
	if size >= 0 {
		return c.known(from, size)
	}
	return c.unknown(from, limit)
}

// plain is the body as it was before it was compressed, and its size, -1 if that is not known.
func plain(w http.ResponseWriter, r *http.Request, limit int64) (io.Reader, int64, error) {
	from := http.MaxBytesReader(w, r.Body, limit)
	switch strings.ToLower(r.Header.Get("Content-Encoding")) {
	case "", "identity":
		return from, r.ContentLength, nil
	case "gzip", "x-gzip":
		z, err := inflate(from, limit)
		return z, -1, err
	}
	return nil, 0, fault.New(fault.Unsupported, "the body's Content-Encoding must be gzip or none")
}

func inflate(from io.Reader, limit int64) (io.Reader, error) {
	z, err := gzip.NewReader(from)
	if errors.Is(err, gzip.ErrHeader) {
		return nil, fault.New(fault.Invalid, "the body is not gzip, as its Content-Encoding says")
	}
	if err != nil {
		return nil, broken(err, limit)
	}
	return z, nil
}

// known reads a body of that size.
func (c *call) known(from io.Reader, size int64) ([]byte, error) {
	if err := c.expect(size); err != nil {
		return nil, err
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(from, b); err != nil {
		return nil, broken(err, size)
	}
	return b, nil
}

// unknown reads a body that may have any size up to the limit: what is more than the share that it has waits for a larger one.
// It holds a small share then, but a large one never waits for anything, so nobody waits for ever.
func (c *call) unknown(from io.Reader, limit int64) ([]byte, error) {
	var parts [][]byte
	read := int64(0)
	for _, most := range []int64{freeBody, smallBody, limit + 1} {
		if err := c.expect(min(most, limit)); err != nil {
			return nil, err
		}
		for read < min(most, limit+1) {
			part, err := readPart(from, min(most-read, max(read, bytes.MinRead)))
			parts, read = append(parts, part), read+int64(len(part))
			switch {
			case read > limit:
				return nil, tooLarge(limit)
			case err == io.EOF:
				c.share.shrink(read)
				return slices.Concat(parts...), nil
			case err != nil:
				return nil, broken(err, limit)
			}
		}
	}
	return nil, tooLarge(limit)
}

// readPart reads n bytes; fewer with the error that ended it.
func readPart(from io.Reader, n int64) ([]byte, error) {
	b, got := make([]byte, n), 0
	for got < len(b) {
		more, err := from.Read(b[got:])
		if got += more; err != nil {
			return b[:got], err
		}
	}
	return b, nil
}

// take exchanges the request's share for a larger one.
func (c *call) take(n int64) error {
	if n <= c.share.n {
		return nil
	}
	s, err := c.s.room.take(c.ctx, n)
	if err != nil {
		return err
	}
	c.share.shrink(0)
	c.share = s
	return nil
}

// expect is take for a body that is still to come.
func (c *call) expect(n int64) error {
	if err := c.take(n); err != nil || c.share.n == 0 {
		return err
	}
	c.deadline(time.Now().Add(grace + time.Duration(c.share.n/slowest)*time.Second))
	return nil
}

// A body that has a share must come at some speed, else a few slow callers could keep the room.
const (
	slowest = 256 << 10 // bytes in a second
	grace   = 10 * time.Second
)

// deadline is when the rest of the body must be there; the zero time: no deadline.
func (c *call) deadline(t time.Time) {
	http.NewResponseController(c.w).SetReadDeadline(t) //nolint:errcheck // what cannot have one is no connection
}

func tooLarge(limit int64) error {
	return fault.New(fault.TooLarge, "the body is larger than the %d bytes that this server accepts", limit)
}

func broken(err error, limit int64) error {
	if _, is := errors.AsType[*http.MaxBytesError](err); is {
		return tooLarge(limit)
	}
	return fault.New(fault.Invalid, "the body could not be read to its end")
}
