/* Loops and types made by foreign macros, in words that cppcheck understands: it does not read the system's headers. */
#ifndef TESTS_LINT_CPPCHECK_H
#define TESTS_LINT_CPPCHECK_H

#define LIST_HEAD(name_, type_)                struct name_ { struct type_ *lh_first; }
#define LIST_ENTRY(type_)                      struct { struct type_ *le_next, **le_prev; }
#define LIST_FOREACH(at_, head_, entry_)       for ((at_) = (head_)->lh_first; (at_); (at_) = (at_)->entry_.le_next)
#define TAILQ_HEAD(name_, type_)               struct name_ { struct type_ *tqh_first, **tqh_last; }
#define TAILQ_ENTRY(type_)                     struct { struct type_ *tqe_next, **tqe_prev; }
#define TAILQ_FOREACH(at_, head_, entry_)      for ((at_) = (head_)->tqh_first; (at_); (at_) = (at_)->entry_.tqe_next)
#define json_array_foreach(array_, i_, value_) for ((i_) = 0; ((value_) = json_array_get(array_, i_)); (i_)++)
#define json_object_foreach(object_, key_, value_)                                      \
	for ((key_) = json_next_key(object_, 0); (key_) && ((value_) = json_object_get(object_, key_)); \
	     (key_) = json_next_key(object_, key_))

/* Unlike its accept4, this may be given no address. */
#define accept4(fd_, address_, size_, flags_) accept(fd_, address_, size_)

/* cmocka's way out of a test. */
#define fail_msg(...) exit(1)
#define fail()        exit(1)

#endif
