// Package finetime has timers that fire on time.
//
// On Linux an idle Go program waits for its next timer in epoll_wait, whose timeout is in
// whole milliseconds: a timer of 0.4 ms fires after 1.1 ms, and one of 2.3 ms after 3.1 ms. On
// a link of 0.3 to 0.7 ms that would be three times the time asked for. So each timer's end
// is also set on a timerfd, which epoll_wait reports at once. Other systems' timers are
// fine enough.
package finetime
