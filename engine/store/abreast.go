package store

import "sync"

// sideBySide adds up the room that the entries of a batch need which are under way at the same time.
type sideBySide struct {
	room func(bytes int64) error // nil: there is enough

	mu    sync.Mutex
	ended *sync.Cond
	taken int64 // by those under way
}

func (d *Desk) sideBySide() *sideBySide {
	s := &sideBySide{room: d.room}
	s.ended = sync.NewCond(&s.mu)
	return s
}

// desk is that of one entry; end is called when it is done.
func (s *sideBySide) desk(d *Desk) (entry *Desk, end func()) {
	if s.room == nil {
		return d, func() {}
	}
	mine := int64(0)
	return d.Within(func(bytes int64) error { return s.take(bytes, &mine) }), func() { s.give(mine) }
}

// take makes what an entry has taken as many bytes. Where there is no room while others are under way it waits until these have
// ended: an entry asks once, so who waits has nothing that they wait for.
func (s *sideBySide) take(bytes int64, mine *int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for bytes > *mine {
		err := s.room(s.taken - *mine + bytes)
		if err == nil {
			s.taken, *mine = s.taken-*mine+bytes, bytes
			return nil
		}
		if s.taken == *mine {
			return err
		}
		s.ended.Wait()
	}
	return nil
}

func (s *sideBySide) give(bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken -= bytes
	s.ended.Broadcast()
}
