package audit

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/ficushealth/ficus/fault"
)

// anchorLine is a line of the anchor file: at this time, the chain of the tenant ended with this block.
type anchorLine struct {
	Tenant int32     `json:"tenant"`
	Block  int64     `json:"block"`
	Hash   string    `json:"hash"` // hexadecimal
	At     time.Time `json:"at"`
	Pruned bool      `json:"pruned,omitempty"` // this block and those before it were removed because they were old
	MAC    string    `json:"mac"`              // hexadecimal, over tenant, block, hash and pruned
}

func (a anchorLine) protect(key [32]byte) string {
	what := "ficus audit anchor 1"
	if a.Pruned {
		what = "ficus audit anchor pruned 1"
	}
	h := keyed(key, what, a.Tenant)
	writeInt(h, a.Block)
	h.Write([]byte(a.Hash))
	return hex.EncodeToString(h.Sum(nil))
}

// anchor writes the blocks that are owed to the anchor file, and to its disk.
func (s *Sealer) anchor() error {
	if s.o.Anchor == "" || len(s.owed) == 0 {
		s.owed = nil
		return nil
	}
	lines, err := s.anchorLines()
	if err == nil {
		err = appendAnchor(s.o.Anchor, lines)
	}
	if err == nil {
		s.owed = nil
	}
	return err
}

// appendAnchor writes lines to an anchor file, and to its disk.
func appendAnchor(path string, lines []byte) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fault.New(fault.Unavailable, "the audit anchor cannot be opened: %v", err)
	}
	half, err := halfWritten(f)
	if half {
		lines = append([]byte{'\n'}, lines...)
	}
	if err == nil {
		_, err = f.Write(lines)
	}
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fault.New(fault.Unavailable, "the audit anchor cannot be written: %v", err)
	}
	return nil
}

// note writes into the anchor what was pruned.
func (r Pruner) note(p *Pruned) error {
	if p == nil || r.Anchor == "" {
		return nil
	}
	key, err := r.Keys(p.Tenant)
	if err != nil {
		return err
	}
	line, err := anchorLine{Tenant: p.Tenant, Block: p.Upto, Hash: hex.EncodeToString(p.hash[:]), At: p.At, Pruned: true}.line(key)
	if err != nil {
		return err
	}
	return appendAnchor(r.Anchor, line)
}

// line is the line with its MAC.
func (a anchorLine) line(key [32]byte) ([]byte, error) {
	a.MAC = a.protect(key)
	text, err := json.Marshal(a)
	return append(text, '\n'), err
}

// halfWritten reports whether a crash has left a last line without its end.
func halfWritten(f *os.File) (bool, error) {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return false, err
	}
	var last [1]byte
	_, err = f.ReadAt(last[:], info.Size()-1)
	return last[0] != '\n', err
}

// torn reports whether the line is the beginning of one: a crash ended it. What it said, the next line says too, because a
// block's hash covers the blocks before it.
func torn(line []byte) bool {
	line = bytes.TrimSpace(line)
	return len(line) == 0 || bytes.HasPrefix([]byte(anchorHead), line) || bytes.HasPrefix(line, []byte(anchorHead)) && line[len(line)-1] != '}'
}

// anchorHead begins every line.
const anchorHead = `{"tenant":`

func (s *Sealer) anchorLines() (lines []byte, err error) {
	for i := range s.owed {
		b := &s.owed[i]
		key, err := s.keys(b.tenant)
		if err != nil {
			return nil, err
		}
		line, err := anchorLine{Tenant: b.tenant, Block: b.n, Hash: hex.EncodeToString(b.hash[:]), At: s.o.Now().UTC()}.line(key)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line...)
	}
	return lines, nil
}

// readAnchor gives a tenant's lines: what block n was. wrong counts the lines that are no lines of an anchor file or bear a
// wrong MAC; a line that a crash has cut off does not count.
func readAnchor(path string, key [32]byte, tenant int32) (lines map[int64]anchorLine, wrong int, err error) {
	lines = map[int64]anchorLine{}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, fault.New(fault.Unknown, "there is no audit anchor at %s", path)
	}
	if err != nil {
		return nil, 0, fault.New(fault.Unavailable, "the audit anchor cannot be read: %v", err)
	}
	defer f.Close()
	text := bufio.NewReader(f)
	for {
		line, err := text.ReadBytes('\n')
		if err != nil {
			return lines, wrong, nil
		}
		var a anchorLine
		switch {
		case json.Unmarshal(line, &a) != nil:
			if !torn(line) {
				wrong++
			}
		case a.Tenant != tenant:
		case !hmac.Equal([]byte(a.MAC), []byte(a.protect(key))):
			wrong++
		default:
			lines[a.Block] = a
		}
	}
}
