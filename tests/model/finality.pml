/* How an epoch becomes final (PROTOCOL P6), with lying and restored seats (P10), for the model checker spin.
   tests/peers/spin runs it; README.md in this folder says what was found and what the bounds mean.

   Acts are a set that only grows, and a seat may hold any part of it. So there are no channels: only the sets of all
   that was signed, and a step may rest on any acts in them. A seat remembers what it signed, its attempt, and the
   highest set of prepares that it holds for certain, because it signed something that names it.
   When safety is asked, liars have signed all that is valid in every slot; who holds it when is the scheduler's.

   Sizes    SEATS, QUORUM, ATTEMPTS; seat (a mod SEATS) leads attempt a; LIARS and RESTORE are masks of seats.
   RESTORE  one of these seats is restored from a backup, at any moment.
   RESUME   seat 0 is restored and goes on after all others' handovers: acts of its that nobody held are lost;
            with UNDER_WAY they may still arrive.
   LIVE     asks for progress, not for safety: the last attempt has time enough, liars may fall silent at any moment,
            and no run may end before every honest seat knows a final epoch.
   Each of these takes one rule out: NO_CARRYING (of documents by skips), NO_HIGHEST (any carried set will do),
            NO_STOP (a skip ends an attempt), NO_STOP_BELOW (and those before), NO_CURRENT (commits only in the
            current attempt), NO_SILENCE (of a restored seat), NO_RELAY (of a final epoch). */

#ifndef SEATS
#define SEATS 4
#endif
#ifndef QUORUM
#define QUORUM 3
#endif
#ifndef ATTEMPTS
#define ATTEMPTS 3
#endif
#ifndef LIARS
#define LIARS 0
#endif
#ifndef RESTORE
#define RESTORE 0
#endif

/* choice  2 * attempt + document: what prepares and commits name.
   set     1 + choice: q equal prepares of it; 0: null. A skip carries one; masks of them have the bits 1 << set.
   offer   what a candidate holds out: 0 and 1 are documents that nothing obliges it to, 1 + set repeats that set's. */
#define CHOICES (2 * ATTEMPTS)
#define LAST (ATTEMPTS - 1)
#if ATTEMPTS > 2
#define IF_THIRD(what) what
#else
#define IF_THIRD(what)
#endif
#define height(set) (((set) + 1) / 2)              /* 0 for null, else 1 + attempt */
#define not_above(set) ((set) == 0 -> 1 : 1 << (set) | ((1 << (2 * height(set) - 1)) - 1))
#define bit(seat) (1 << (seat))
#define in(number, mask) (((mask) >> (number)) & 1)
#define lies(seat) in(seat, LIARS)
#define leader(attempt) ((attempt) % SEATS)
#define count(seats) (in(0, seats) + in(1, seats) + in(2, seats) + in(3, seats))

byte prepares[CHOICES], commits[CHOICES];   /* who signed it */
byte skips[4 * ATTEMPTS];                   /* by attempt and seat: the sets that its skips carry */
byte candidates[ATTEMPTS];                  /* the offers that were signed */
byte sets = 1;                              /* the sets that exist */
byte finals;                                /* the documents that have q equal commits */
bit restored, quiet;                        /* the seat; the liar, under LIVE */

#ifdef RESUME
byte way_prepares, way_commits, way_skips[ATTEMPTS];     /* signed by seat 0, held by nobody else: masks of */
byte late_prepares, late_commits, late_skips[ATTEMPTS];  /* choices and sets; late: seat 0 forgot it */
#define prepares_of(choice) (prepares[choice] | (self == 0 && in(choice, way_prepares)))
#define own_skips(attempt) (self == 0 && skips[4 * (attempt)] == 0 && way_skips[attempt] != 0)
#else
#define prepares_of(choice) prepares[choice]
#define own_skips(attempt) 0
#endif

#define carries(attempt, seat, mask) ((skips[4 * (attempt) + seat] & (mask)) != 0)
#define skippers(attempt, mask) (carries(attempt, 0, mask) + carries(attempt, 1, mask) + \
                                 carries(attempt, 2, mask) + carries(attempt, 3, mask))
#define ANY 255

/* Whether q skips of the attempt before can be named of which this set is the highest. */
#ifdef NO_HIGHEST
#define obliges(attempt, set) (skippers((attempt) - 1, ANY) >= QUORUM && skippers((attempt) - 1, 1 << (set)) > 0)
#else
#define obliges(attempt, set) \
    (skippers((attempt) - 1, not_above(set)) >= QUORUM && skippers((attempt) - 1, 1 << (set)) > 0)
#endif
#ifdef NO_CARRYING
#define may_offer(attempt, offer) ((offer) < 2 && ((attempt) == 0 || skippers((attempt) - 1, ANY) >= QUORUM))
#else
#define may_offer(attempt, offer) \
    ((attempt) == 0 -> (offer) < 2 : obliges(attempt, ((offer) < 2 -> 0 : (offer) - 1)))
#endif

#ifndef LIVE
#define share_one(attempt, seat) if :: lies(seat) -> skips[4 * (attempt) + seat] = sets :: else fi
inline share(attempt) {
    share_one(attempt, 0);
    share_one(attempt, 1);
    share_one(attempt, 2);
    share_one(attempt, 3)
}
#endif

inline note_prepares(choice) {
    if
    :: count(prepares[choice]) >= QUORUM ->
        sets = sets | 2 << (choice);
#ifdef ONE_SET
        assert(!in(1 + ((choice) ^ 1), sets));
#endif
#ifndef LIVE
        share(0);
        share(1);
        IF_THIRD(share(2))
#endif
    :: else
    fi
}

inline note_commits(choice) {
    if
    :: count(commits[choice]) >= QUORUM -> finals = finals | 1 << ((choice) & 1)
    :: else
    fi;
    assert(finals != 3)                     /* no fork */
}

/* ---- an honest seat ---- */

#ifdef RESUME
#define publish(acts, way, choice) \
    if :: self == 0 -> way = way | bit(choice) :: else -> acts[choice] = acts[choice] | bit(self) fi
#define publish_skip(at, set) \
    if :: self == 0 -> way_skips[at] = way_skips[at] | 1 << (set) :: else -> skips[4 * at + self] = 1 << (set) fi
#else
#define publish(acts, way, choice) acts[choice] = acts[choice] | bit(self)
#define publish_skip(at, set) skips[4 * at + self] = skips[4 * at + self] | 1 << (set)
#endif

#if defined(NO_STOP)
#define open(at) 1
#elif defined(NO_STOP_BELOW)
#define open(at) !in(at, skipped)
#else
#define open(at) (skipped >> at == 0)
#endif
/* A seat enters an attempt with its first act there: entering alone changes nothing for anybody. */
#define reaches(at) (goes_on && (at == attempt || at > attempt && skippers(at - 1, ANY) + own_skips(at - 1) >= QUORUM))
/* A lying leader holds out whatever its skips allow, to each seat what it likes; an honest one a single candidate,
   which for safety is signed when the first seat prepares it. */
#ifdef LIVE
#define leads(at) 0
#else
#define leads(at) (candidates[at] == 0)
#endif
#define offered(at, offer) \
    ((lies(leader(at)) || leads(at)) -> first(at, offer) && may_offer(at, offer) : in(offer, candidates[at]))
/* Documents are alike: the one that is prepared first in attempt 0 is called 0. */
#define first(at, offer) (at > 0 || offer == 0 || (prepares[0] & ~LIARS) != 0)
#define set_of(offer) (offer < 2 -> 0 : offer - 1)

/* More than a quorum of equal acts serves nobody: not signing them loses no run that ends in a fork. */
#ifdef LIVE
#define goes_on (finals == 0)
#define wanted(acts, choice) 1
#else
#define goes_on 1
#define wanted(acts, choice) (count(acts[choice]) < QUORUM)
#endif

inline learn(set) {
    if
    :: height(set) > height(known) -> known = set
    :: else
    fi
}
inline lead(at, offer) {
    attempt = at;
    led = led | bit(at);
    candidates[at] = candidates[at] | bit(offer);
    learn(set_of(offer))
}
inline prepare(at, offer, choice) {
    printf("%d prepare{%d,%d}\n", self, at, (choice) & 1);
    attempt = at;
    prepared = prepared | bit(at);
    learn(set_of(offer));
    if
    :: !lies(leader(at)) -> candidates[at] = candidates[at] | bit(offer)
    :: else
    fi;
    publish(prepares, way_prepares, choice);
    note_prepares(choice)
}
inline commit(at, choice) {
    printf("%d commit{%d,%d}\n", self, at, (choice) & 1);
    committed = committed | bit(at);
    learn(1 + choice);
    publish(commits, way_commits, choice);
    note_commits(choice)
}
inline skip_with(at, set) {
    printf("%d skip{%d, carried set %d}\n", self, at, set);
    attempt = at;
    skipped = skipped | bit(at);
    learn(set);
    publish_skip(at, set)
}

#define LEAD(at, offer, document) \
    :: d_step { reaches(at) && leader(at) == self && !in(at, led) && !in(at, skipped) && first(at, offer) && \
                may_offer(at, offer) -> lead(at, offer) }
#define PREPARE(at, offer, document) \
    :: d_step { reaches(at) && !in(at, prepared) && open(at) && wanted(prepares, 2 * at + document) && \
                offered(at, offer) -> prepare(at, offer, 2 * at + document) }
#define COMMIT(at, document) \
    :: d_step { reaches(at) && !in(at, committed) && open(at) && wanted(commits, 2 * at + document) && \
                count(prepares_of(2 * at + document)) >= QUORUM -> \
                attempt = at; commit(at, 2 * at + document) }
#define COMMIT_LATE(at, document) \
    :: d_step { at < attempt && !in(at, committed) && open(at) && wanted(commits, 2 * at + document) && \
                count(prepares_of(2 * at + document)) >= QUORUM -> commit(at, 2 * at + document) }
/* What a seat holds for certain, or any higher set that exists. */
#define SKIP(at, set) \
    :: d_step { reaches(at) && !in(at, skipped) && \
                (set == known || height(set) > height(known) && count(prepares_of(set - 1)) >= QUORUM) -> \
                skip_with(at, set) }

#ifdef RESUME
#define ARRIVE(prepares_under_way, commits_under_way, choice) \
    :: d_step { self == 0 && in(choice, prepares_under_way) -> \
                prepares_under_way = prepares_under_way & ~bit(choice); \
                prepares[choice] = prepares[choice] | 1; note_prepares(choice) } \
    :: d_step { self == 0 && in(choice, commits_under_way) -> \
                commits_under_way = commits_under_way & ~bit(choice); \
                commits[choice] = commits[choice] | 1; note_commits(choice) }
#define ARRIVE_SKIPS(skips_under_way, at) \
    :: d_step { self == 0 && skips_under_way[at] != 0 -> \
                skips[4 * at] = skips[4 * at] | skips_under_way[at]; skips_under_way[at] = 0 }
#define ARRIVE_FROM(prepares_way, commits_way, skips_way) \
    ARRIVE(prepares_way, commits_way, 0) ARRIVE(prepares_way, commits_way, 1) \
    ARRIVE(prepares_way, commits_way, 2) ARRIVE(prepares_way, commits_way, 3) \
    ARRIVE_SKIPS(skips_way, 0) ARRIVE_SKIPS(skips_way, 1)

inline lose(under_way, late) {
#ifdef UNDER_WAY
    late = under_way;
#endif
    under_way = 0
}
#define held_of_it(acts, at) (in(0, acts[2 * (at)] | acts[2 * (at) + 1]) << (at))
/* What the others hold of seat 0 binds it again, and what that names it holds again. */
inline resume() {
    printf("0 is restored and goes on\n");
    restored = 1;
    lose(way_prepares, late_prepares);
    lose(way_commits, late_commits);
    lose(way_skips[0], late_skips[0]);
    lose(way_skips[1], late_skips[1]);
    attempt = 0;
    led = 0;
    prepared = held_of_it(prepares, 0) | held_of_it(prepares, 1);
    committed = held_of_it(commits, 0) | held_of_it(commits, 1);
    skipped = (skips[0] != 0) | (skips[4] != 0) << 1;
    known = 0;
    hand_over(0);
    hand_over(1);
    hand_over(2);
    hand_over(3)
}
inline hand_over(choice) {
    if
    :: in(0, commits[choice]) || in(1 + choice, skips[0] | skips[4]) -> learn(1 + choice)
    :: else
    fi
}
#endif

inline forget() {
    printf("%d is restored and goes on\n", self);
    attempt = 0;
    led = 0;
    prepared = 0;
    committed = 0;
    skipped = 0;
    known = 0
}

/* The last attempt needs no skips: nothing follows. */
#define OFFERS(OPTION, at) \
    OPTION(at, 0, 0) OPTION(at, 1, 1) OPTION(at, 2, 0) OPTION(at, 3, 1) OPTION(at, 4, 0) OPTION(at, 5, 1)
#define COMMITS(OPTION, at) OPTION(at, 0) OPTION(at, 1)
#define SKIPS(OPTION, at) OPTION(at, 0) OPTION(at, 1) OPTION(at, 2) OPTION(at, 3) OPTION(at, 4)

proctype Seat(byte self) {
    byte attempt, led, prepared, committed, skipped;   /* masks of attempts, but for the first */
    byte known;                                        /* a set */
    do
#ifdef LIVE
    OFFERS(LEAD, 0) OFFERS(LEAD, 1) IF_THIRD(OFFERS(LEAD, 2) LEAD(2, 6, 0) LEAD(2, 7, 1))
#endif
    OFFERS(PREPARE, 0) OFFERS(PREPARE, 1) IF_THIRD(OFFERS(PREPARE, 2) PREPARE(2, 6, 0) PREPARE(2, 7, 1))
    COMMITS(COMMIT, 0) COMMITS(COMMIT, 1) IF_THIRD(COMMITS(COMMIT, 2))
    SKIPS(SKIP, 0) IF_THIRD(SKIP(0, 5) SKIP(0, 6) SKIPS(SKIP, 1) SKIP(1, 5) SKIP(1, 6))
#ifdef NO_CURRENT
    COMMITS(COMMIT_LATE, 0) IF_THIRD(COMMITS(COMMIT_LATE, 1))
#endif
#ifdef RESUME
    ARRIVE_FROM(way_prepares, way_commits, way_skips)
    ARRIVE_FROM(late_prepares, late_commits, late_skips)
    :: d_step { self == 0 && !restored -> resume() }
#endif
#ifdef NO_SILENCE
    :: d_step { in(self, RESTORE) && !restored -> restored = 1; forget() }
#else
    :: d_step { in(self, RESTORE) && !restored -> restored = 1 }; break
#endif
#ifdef LIVE
    :: finals != 0 -> break
#ifdef NO_RELAY
    /* A liar shows its commit to this seat alone. */
    :: !quiet && count(commits[0] | LIARS) >= QUORUM -> break
#endif
#endif
    od
}

#ifdef LIVE
/* ---- a liar that does what it can, or nothing ---- */

/* Its acts change nothing before they decide something, so it waits until then. */
#define LIE(choice) \
    :: d_step { goes_on && count(prepares[choice]) == QUORUM - 1 && !in(self, prepares[choice]) -> \
                prepares[choice] = prepares[choice] | bit(self); note_prepares(choice) } \
    :: d_step { goes_on && count(commits[choice]) == QUORUM - 1 && !in(self, commits[choice]) -> \
                commits[choice] = commits[choice] | bit(self); note_commits(choice) }
#define LIE_SKIP(at) \
    :: d_step { goes_on && skippers(at, ANY) >= QUORUM - 1 && skips[4 * at + self] != sets -> \
                skips[4 * at + self] = sets }

proctype Liar(byte self) {
    do
    LIE(0) LIE(1) LIE(2) LIE(3)
    IF_THIRD(LIE(4) LIE(5))
    LIE_SKIP(0) IF_THIRD(LIE_SKIP(1))
    :: quiet = 1; break
    od
}
#endif

#ifdef LIVE
#define enroll(seat) if :: seat >= SEATS :: else -> if :: lies(seat) -> run Liar(seat) :: else -> run Seat(seat) fi fi
#else
#define enroll(seat) if :: seat < SEATS && !lies(seat) -> run Seat(seat) :: else fi
#endif

init {
#ifndef LIVE
    d_step {
        byte choice;
        for (choice : 0 .. CHOICES - 1) {
            prepares[choice] = LIARS;
            commits[choice] = LIARS
        };
        share(0);
        share(1);
        IF_THIRD(share(2))
    }
#endif
    atomic { enroll(0); enroll(1); enroll(2); enroll(3) }
}
