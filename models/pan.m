#define rand	pan_rand
#define pthread_equal(a,b)	((a)==(b))
#if defined(HAS_CODE) && defined(VERBOSE)
	#ifdef BFS_PAR
		bfs_printf("Pr: %d Tr: %d\n", II, t->forw);
	#else
		cpu_printf("Pr: %d Tr: %d\n", II, t->forw);
	#endif
#endif
	switch (t->forw) {
	default: Uerror("bad forward move");
	case 0:	/* if without executable clauses */
		continue;
	case 1: /* generic 'goto' or 'skip' */
		IfNotBlocked
		_m = 3; goto P999;
	case 2: /* generic 'else' */
		IfNotBlocked
		if (trpt->o_pm&1) continue;
		_m = 3; goto P999;

		 /* PROC one_run */
	case 3: // STATE 1 - run.pml:189 - [((j<2))] (9:0:5 - 1)
		IfNotBlocked
		reached[0][1] = 1;
		if (!((((int)((P0 *)_this)->j)<2)))
			continue;
		/* merge: seen[((0*2)+j)] = Todo(9, 2, 9) */
		reached[0][2] = 1;
		(trpt+1)->bup.ovals = grab_ints(5);
		(trpt+1)->bup.ovals[0] = now.seen[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ];
		now.seen[ Index(((0*2)+((P0 *)_this)->j), 4) ] = 16;
#ifdef VAR_RANGES
		logval("seen[((0*2)+one_run:j)]", now.seen[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: seen[((1*2)+j)] = Todo(9, 3, 9) */
		reached[0][3] = 1;
		(trpt+1)->bup.ovals[1] = now.seen[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ];
		now.seen[ Index(((1*2)+((P0 *)_this)->j), 4) ] = 16;
#ifdef VAR_RANGES
		logval("seen[((1*2)+one_run:j)]", now.seen[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: pipe[((0*2)+j)] = Nothing(9, 4, 9) */
		reached[0][4] = 1;
		(trpt+1)->bup.ovals[2] = now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ];
		now.pipe[ Index(((0*2)+((P0 *)_this)->j), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((0*2)+one_run:j)]", now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: pipe[((1*2)+j)] = Nothing(9, 5, 9) */
		reached[0][5] = 1;
		(trpt+1)->bup.ovals[3] = now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ];
		now.pipe[ Index(((1*2)+((P0 *)_this)->j), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((1*2)+one_run:j)]", now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: j = (j+1)(9, 6, 9) */
		reached[0][6] = 1;
		(trpt+1)->bup.ovals[4] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 10, 9) */
		reached[0][10] = 1;
		;
		_m = 3; goto P999; /* 6 */
	case 4: // STATE 12 - run.pml:190 - [j = 0] (0:873:5 - 3)
		IfNotBlocked
		reached[0][12] = 1;
		(trpt+1)->bup.ovals = grab_ints(5);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: driver[1] = Off(873, 13, 873) */
		reached[0][13] = 1;
		(trpt+1)->bup.ovals[1] = now.driver[1];
		now.driver[1] = 9;
#ifdef VAR_RANGES
		logval("driver[1]", now.driver[1]);
#endif
		;
		/* merge: driver[0] = Live(873, 14, 873) */
		reached[0][14] = 1;
		(trpt+1)->bup.ovals[2] = now.driver[0];
		now.driver[0] = 7;
#ifdef VAR_RANGES
		logval("driver[0]", now.driver[0]);
#endif
		;
		/* merge: holder = 0(873, 15, 873) */
		reached[0][15] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.holder);
		now.holder = 0;
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: runner[0] = 1(873, 16, 873) */
		reached[0][16] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.runner[0]);
		now.runner[0] = 1;
#ifdef VAR_RANGES
		logval("runner[0]", ((int)now.runner[0]));
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 5 */
	case 5: // STATE 18 - run.pml:193 - [((((driver[0]==Live)&&(seen[((0*2)+0)]==Todo))&&(length<14)))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][18] = 1;
		if (!((((now.driver[0]==7)&&(now.seen[ Index(((0*2)+0), 4) ]==16))&&(((int)now.length)<14))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 6: // STATE 19 - run.pml:193 - [((Kept==Kept))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][19] = 1;
		if (!((15==15)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 7: // STATE 20 - run.pml:65 - [what[length] = 3] (0:23:3 - 1)
		IfNotBlocked
		reached[0][20] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = now.what[ Index(((int)now.length), 14) ];
		now.what[ Index(now.length, 14) ] = 3;
#ifdef VAR_RANGES
		logval("what[length]", now.what[ Index(((int)now.length), 14) ]);
#endif
		;
		/* merge: whose[length] = 0(23, 21, 23) */
		reached[0][21] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.whose[ Index(((int)now.length), 14) ]);
		now.whose[ Index(now.length, 14) ] = 0;
#ifdef VAR_RANGES
		logval("whose[length]", ((int)now.whose[ Index(((int)now.length), 14) ]));
#endif
		;
		/* merge: length = (length+1)(23, 22, 23) */
		reached[0][22] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.length);
		now.length = (((int)now.length)+1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 8: // STATE 23 - run.pml:65 - [(1)] (873:0:1 - 1)
		IfNotBlocked
		reached[0][23] = 1;
		if (!(1))
			continue;
		/* merge: .(goto)(873, 27, 873) */
		reached[0][27] = 1;
		;
		/* merge: seen[((0*2)+0)] = Kept(873, 28, 873) */
		reached[0][28] = 1;
		(trpt+1)->bup.oval = now.seen[ Index(((0*2)+0), 4) ];
		now.seen[ Index(((0*2)+0), 4) ] = 15;
#ifdef VAR_RANGES
		logval("seen[((0*2)+0)]", now.seen[ Index(((0*2)+0), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 9: // STATE 27 - run.pml:193 - [.(goto)] (0:873:1 - 2)
		IfNotBlocked
		reached[0][27] = 1;
		;
		/* merge: seen[((0*2)+0)] = Kept(873, 28, 873) */
		reached[0][28] = 1;
		(trpt+1)->bup.oval = now.seen[ Index(((0*2)+0), 4) ];
		now.seen[ Index(((0*2)+0), 4) ] = 15;
#ifdef VAR_RANGES
		logval("seen[((0*2)+0)]", now.seen[ Index(((0*2)+0), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 10: // STATE 30 - run.pml:193 - [((((driver[0]==Live)&&(seen[((0*2)+0)]==Kept))&&runner[0]))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][30] = 1;
		if (!((((now.driver[0]==7)&&(now.seen[ Index(((0*2)+0), 4) ]==15))&&((int)now.runner[0]))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 11: // STATE 31 - run.pml:50 - [yes = 0] (0:40:2 - 1)
		IfNotBlocked
		reached[0][31] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->yes);
		((P0 *)_this)->yes = 0;
#ifdef VAR_RANGES
		logval("one_run:yes", ((int)((P0 *)_this)->yes));
#endif
		;
		/* merge: i = 0(40, 32, 40) */
		reached[0][32] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 41, 40) */
		reached[0][41] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 12: // STATE 33 - run.pml:51 - [((((i<synced)&&(whose[i]==0))&&(what[i]==3)))] (40:0:2 - 1)
		IfNotBlocked
		reached[0][33] = 1;
		if (!((((((int)((P0 *)_this)->i)<((int)now.synced))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==0))&&(now.what[ Index(((int)((P0 *)_this)->i), 14) ]==3))))
			continue;
		/* merge: yes = 1(40, 34, 40) */
		reached[0][34] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->yes);
		((P0 *)_this)->yes = 1;
#ifdef VAR_RANGES
		logval("one_run:yes", ((int)((P0 *)_this)->yes));
#endif
		;
		/* merge: i = (i+1)(40, 35, 40) */
		reached[0][35] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 41, 40) */
		reached[0][41] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 13: // STATE 36 - run.pml:52 - [(((i<synced)&&!(((whose[i]==0)&&(what[i]==3)))))] (40:0:1 - 1)
		IfNotBlocked
		reached[0][36] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.synced))&& !(((((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==0)&&(now.what[ Index(((int)((P0 *)_this)->i), 14) ]==3))))))
			continue;
		/* merge: i = (i+1)(0, 37, 40) */
		reached[0][37] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 41, 40) */
		reached[0][41] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 14: // STATE 43 - run.pml:54 - [i = 0] (0:49:1 - 3)
		IfNotBlocked
		reached[0][43] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 15: // STATE 45 - run.pml:193 - [(yes)] (873:0:3 - 1)
		IfNotBlocked
		reached[0][45] = 1;
		if (!(((int)((P0 *)_this)->yes)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: yes */  (trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->yes;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->yes = 0;
		/* merge: pipe[((0*2)+0)] = Asked(873, 46, 873) */
		reached[0][46] = 1;
		(trpt+1)->bup.ovals[1] = now.pipe[ Index(((0*2)+0), 4) ];
		now.pipe[ Index(((0*2)+0), 4) ] = 19;
#ifdef VAR_RANGES
		logval("pipe[((0*2)+0)]", now.pipe[ Index(((0*2)+0), 4) ]);
#endif
		;
		/* merge: seen[((0*2)+0)] = Sent(873, 47, 873) */
		reached[0][47] = 1;
		(trpt+1)->bup.ovals[2] = now.seen[ Index(((0*2)+0), 4) ];
		now.seen[ Index(((0*2)+0), 4) ] = 14;
#ifdef VAR_RANGES
		logval("seen[((0*2)+0)]", now.seen[ Index(((0*2)+0), 4) ]);
#endif
		;
		/* merge: .(goto)(873, 50, 873) */
		reached[0][50] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 16: // STATE 50 - run.pml:193 - [.(goto)] (0:873:0 - 2)
		IfNotBlocked
		reached[0][50] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 17: // STATE 52 - run.pml:193 - [((((driver[0]==Live)&&(seen[((0*2)+0)]==Sent))&&(pipe[((0*2)+0)]==Said)))] (873:0:2 - 1)
		IfNotBlocked
		reached[0][52] = 1;
		if (!((((now.driver[0]==7)&&(now.seen[ Index(((0*2)+0), 4) ]==14))&&(now.pipe[ Index(((0*2)+0), 4) ]==17))))
			continue;
		/* merge: pipe[((0*2)+0)] = Nothing(873, 53, 873) */
		reached[0][53] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = now.pipe[ Index(((0*2)+0), 4) ];
		now.pipe[ Index(((0*2)+0), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((0*2)+0)]", now.pipe[ Index(((0*2)+0), 4) ]);
#endif
		;
		/* merge: seen[((0*2)+0)] = Answered(873, 54, 873) */
		reached[0][54] = 1;
		(trpt+1)->bup.ovals[1] = now.seen[ Index(((0*2)+0), 4) ];
		now.seen[ Index(((0*2)+0), 4) ] = 13;
#ifdef VAR_RANGES
		logval("seen[((0*2)+0)]", now.seen[ Index(((0*2)+0), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 18: // STATE 56 - run.pml:193 - [((((driver[0]==Live)&&(seen[((0*2)+0)]==Answered))&&(length<14)))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][56] = 1;
		if (!((((now.driver[0]==7)&&(now.seen[ Index(((0*2)+0), 4) ]==13))&&(((int)now.length)<14))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 19: // STATE 57 - run.pml:43 - [kind = 0] (0:66:2 - 1)
		IfNotBlocked
		reached[0][57] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
		((P0 *)_this)->kind = 0;
#ifdef VAR_RANGES
		logval("one_run:kind", ((P0 *)_this)->kind);
#endif
		;
		/* merge: i = 0(66, 58, 66) */
		reached[0][58] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 67, 66) */
		reached[0][67] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 20: // STATE 59 - run.pml:44 - [(((i<length)&&(whose[i]==0)))] (66:0:2 - 1)
		IfNotBlocked
		reached[0][59] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.length))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==0))))
			continue;
		/* merge: kind = what[i](66, 60, 66) */
		reached[0][60] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
		((P0 *)_this)->kind = now.what[ Index(((int)((P0 *)_this)->i), 14) ];
#ifdef VAR_RANGES
		logval("one_run:kind", ((P0 *)_this)->kind);
#endif
		;
		/* merge: i = (i+1)(66, 61, 66) */
		reached[0][61] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 67, 66) */
		reached[0][67] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 21: // STATE 62 - run.pml:45 - [(((i<length)&&(whose[i]!=0)))] (66:0:1 - 1)
		IfNotBlocked
		reached[0][62] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.length))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])!=0))))
			continue;
		/* merge: i = (i+1)(0, 63, 66) */
		reached[0][63] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 67, 66) */
		reached[0][67] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 22: // STATE 69 - run.pml:47 - [i = 0] (0:76:1 - 3)
		IfNotBlocked
		reached[0][69] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: assert((kind==Intent))(76, 71, 76) */
		reached[0][71] = 1;
		spin_assert((((P0 *)_this)->kind==3), "(kind==3)", II, tt, t);
		_m = 3; goto P999; /* 1 */
	case 23: // STATE 72 - run.pml:65 - [what[length] = 2] (0:75:3 - 1)
		IfNotBlocked
		reached[0][72] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = now.what[ Index(((int)now.length), 14) ];
		now.what[ Index(now.length, 14) ] = 2;
#ifdef VAR_RANGES
		logval("what[length]", now.what[ Index(((int)now.length), 14) ]);
#endif
		;
		/* merge: whose[length] = 0(75, 73, 75) */
		reached[0][73] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.whose[ Index(((int)now.length), 14) ]);
		now.whose[ Index(now.length, 14) ] = 0;
#ifdef VAR_RANGES
		logval("whose[length]", ((int)now.whose[ Index(((int)now.length), 14) ]));
#endif
		;
		/* merge: length = (length+1)(75, 74, 75) */
		reached[0][74] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.length);
		now.length = (((int)now.length)+1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 24: // STATE 75 - run.pml:65 - [(1)] (873:0:1 - 1)
		IfNotBlocked
		reached[0][75] = 1;
		if (!(1))
			continue;
		/* merge: seen[((0*2)+0)] = Logged(0, 77, 873) */
		reached[0][77] = 1;
		(trpt+1)->bup.oval = now.seen[ Index(((0*2)+0), 4) ];
		now.seen[ Index(((0*2)+0), 4) ] = 12;
#ifdef VAR_RANGES
		logval("seen[((0*2)+0)]", now.seen[ Index(((0*2)+0), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 25: // STATE 79 - run.pml:193 - [(((driver[0]==Live)&&(seen[((0*2)+0)]==Logged)))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][79] = 1;
		if (!(((now.driver[0]==7)&&(now.seen[ Index(((0*2)+0), 4) ]==12))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 26: // STATE 80 - run.pml:50 - [yes = 0] (0:89:2 - 1)
		IfNotBlocked
		reached[0][80] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->yes);
		((P0 *)_this)->yes = 0;
#ifdef VAR_RANGES
		logval("one_run:yes", ((int)((P0 *)_this)->yes));
#endif
		;
		/* merge: i = 0(89, 81, 89) */
		reached[0][81] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 90, 89) */
		reached[0][90] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 27: // STATE 82 - run.pml:51 - [((((i<synced)&&(whose[i]==0))&&(what[i]==2)))] (89:0:2 - 1)
		IfNotBlocked
		reached[0][82] = 1;
		if (!((((((int)((P0 *)_this)->i)<((int)now.synced))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==0))&&(now.what[ Index(((int)((P0 *)_this)->i), 14) ]==2))))
			continue;
		/* merge: yes = 1(89, 83, 89) */
		reached[0][83] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->yes);
		((P0 *)_this)->yes = 1;
#ifdef VAR_RANGES
		logval("one_run:yes", ((int)((P0 *)_this)->yes));
#endif
		;
		/* merge: i = (i+1)(89, 84, 89) */
		reached[0][84] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 90, 89) */
		reached[0][90] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 28: // STATE 85 - run.pml:52 - [(((i<synced)&&!(((whose[i]==0)&&(what[i]==2)))))] (89:0:1 - 1)
		IfNotBlocked
		reached[0][85] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.synced))&& !(((((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==0)&&(now.what[ Index(((int)((P0 *)_this)->i), 14) ]==2))))))
			continue;
		/* merge: i = (i+1)(0, 86, 89) */
		reached[0][86] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 90, 89) */
		reached[0][90] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 29: // STATE 92 - run.pml:54 - [i = 0] (0:98:1 - 3)
		IfNotBlocked
		reached[0][92] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 30: // STATE 94 - run.pml:193 - [(yes)] (873:0:3 - 1)
		IfNotBlocked
		reached[0][94] = 1;
		if (!(((int)((P0 *)_this)->yes)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: yes */  (trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->yes;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->yes = 0;
		/* merge: announced[0] = 1(873, 95, 873) */
		reached[0][95] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.announced[0]);
		now.announced[0] = 1;
#ifdef VAR_RANGES
		logval("announced[0]", ((int)now.announced[0]));
#endif
		;
		/* merge: seen[((0*2)+0)] = Done(873, 96, 873) */
		reached[0][96] = 1;
		(trpt+1)->bup.ovals[2] = now.seen[ Index(((0*2)+0), 4) ];
		now.seen[ Index(((0*2)+0), 4) ] = 11;
#ifdef VAR_RANGES
		logval("seen[((0*2)+0)]", now.seen[ Index(((0*2)+0), 4) ]);
#endif
		;
		/* merge: .(goto)(873, 99, 873) */
		reached[0][99] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 31: // STATE 99 - run.pml:193 - [.(goto)] (0:873:0 - 2)
		IfNotBlocked
		reached[0][99] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 32: // STATE 101 - run.pml:193 - [(((((driver[0]==Live)&&!(runner[0]))&&(seen[((0*2)+0)]==Sent))&&(pipe[((0*2)+0)]!=Said)))] (873:0:3 - 1)
		IfNotBlocked
		reached[0][101] = 1;
		if (!(((((now.driver[0]==7)&& !(((int)now.runner[0])))&&(now.seen[ Index(((0*2)+0), 4) ]==14))&&(now.pipe[ Index(((0*2)+0), 4) ]!=17))))
			continue;
		/* merge: assert((pipe[((0*2)+0)]!=Said))(873, 102, 873) */
		reached[0][102] = 1;
		spin_assert((now.pipe[ Index(((0*2)+0), 4) ]!=17), "(pipe[((0*2)+0)]!=17)", II, tt, t);
		/* merge: seen[((0*2)+0)] = Unknown(873, 103, 873) */
		reached[0][103] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = now.seen[ Index(((0*2)+0), 4) ];
		now.seen[ Index(((0*2)+0), 4) ] = 10;
#ifdef VAR_RANGES
		logval("seen[((0*2)+0)]", now.seen[ Index(((0*2)+0), 4) ]);
#endif
		;
		/* merge: pipe[((0*2)+0)] = Nothing(873, 104, 873) */
		reached[0][104] = 1;
		(trpt+1)->bup.ovals[1] = now.pipe[ Index(((0*2)+0), 4) ];
		now.pipe[ Index(((0*2)+0), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((0*2)+0)]", now.pipe[ Index(((0*2)+0), 4) ]);
#endif
		;
		/* merge: alive[0] = 0(873, 105, 873) */
		reached[0][105] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.alive[0]);
		now.alive[0] = 0;
#ifdef VAR_RANGES
		logval("alive[0]", ((int)now.alive[0]));
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 5 */
	case 33: // STATE 107 - run.pml:193 - [((((driver[0]==Live)&&!(runner[0]))&&(seen[((0*2)+0)]==Kept)))] (873:0:1 - 1)
		IfNotBlocked
		reached[0][107] = 1;
		if (!((((now.driver[0]==7)&& !(((int)now.runner[0])))&&(now.seen[ Index(((0*2)+0), 4) ]==15))))
			continue;
		/* merge: seen[((0*2)+0)] = Unknown(0, 108, 873) */
		reached[0][108] = 1;
		(trpt+1)->bup.oval = now.seen[ Index(((0*2)+0), 4) ];
		now.seen[ Index(((0*2)+0), 4) ] = 10;
#ifdef VAR_RANGES
		logval("seen[((0*2)+0)]", now.seen[ Index(((0*2)+0), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 34: // STATE 110 - run.pml:193 - [((runner[0]&&(pipe[((0*2)+0)]==Asked)))] (873:0:3 - 1)
		IfNotBlocked
		reached[0][110] = 1;
		if (!((((int)now.runner[0])&&(now.pipe[ Index(((0*2)+0), 4) ]==19))))
			continue;
		/* merge: effects[0] = (effects[0]+1)(873, 111, 873) */
		reached[0][111] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.effects[0]);
		now.effects[0] = (((int)now.effects[0])+1);
#ifdef VAR_RANGES
		logval("effects[0]", ((int)now.effects[0]));
#endif
		;
		/* merge: alive[0] = (alive[0]+1)(873, 112, 873) */
		reached[0][112] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.alive[0]);
		now.alive[0] = (((int)now.alive[0])+1);
#ifdef VAR_RANGES
		logval("alive[0]", ((int)now.alive[0]));
#endif
		;
		/* merge: pipe[((0*2)+0)] = Running(873, 113, 873) */
		reached[0][113] = 1;
		(trpt+1)->bup.ovals[2] = now.pipe[ Index(((0*2)+0), 4) ];
		now.pipe[ Index(((0*2)+0), 4) ] = 18;
#ifdef VAR_RANGES
		logval("pipe[((0*2)+0)]", now.pipe[ Index(((0*2)+0), 4) ]);
#endif
		;
		/* merge: assert((effects[0]<=(1+orders[0])))(873, 114, 873) */
		reached[0][114] = 1;
		spin_assert((((int)now.effects[0])<=(1+((int)now.orders[0]))), "(effects[0]<=(1+orders[0]))", II, tt, t);
		/* merge: assert((alive[0]<=1))(873, 115, 873) */
		reached[0][115] = 1;
		spin_assert((((int)now.alive[0])<=1), "(alive[0]<=1)", II, tt, t);
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 6 */
	case 35: // STATE 117 - run.pml:193 - [((runner[0]&&(pipe[((0*2)+0)]==Running)))] (873:0:3 - 1)
		IfNotBlocked
		reached[0][117] = 1;
		if (!((((int)now.runner[0])&&(now.pipe[ Index(((0*2)+0), 4) ]==18))))
			continue;
		/* merge: alive[0] = (alive[0]-1)(873, 118, 873) */
		reached[0][118] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.alive[0]);
		now.alive[0] = (((int)now.alive[0])-1);
#ifdef VAR_RANGES
		logval("alive[0]", ((int)now.alive[0]));
#endif
		;
		/* merge: completed[0] = 1(873, 119, 873) */
		reached[0][119] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.completed[0]);
		now.completed[0] = 1;
#ifdef VAR_RANGES
		logval("completed[0]", ((int)now.completed[0]));
#endif
		;
		/* merge: pipe[((0*2)+0)] = Said(873, 120, 873) */
		reached[0][120] = 1;
		(trpt+1)->bup.ovals[2] = now.pipe[ Index(((0*2)+0), 4) ];
		now.pipe[ Index(((0*2)+0), 4) ] = 17;
#ifdef VAR_RANGES
		logval("pipe[((0*2)+0)]", now.pipe[ Index(((0*2)+0), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 36: // STATE 122 - run.pml:193 - [(((((driver[0]==Live)&&(resumes>0))&&(seen[((0*2)+0)]==Unknown))&&(length<14)))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][122] = 1;
		if (!(((((now.driver[0]==7)&&(((int)now.resumes)>0))&&(now.seen[ Index(((0*2)+0), 4) ]==10))&&(((int)now.length)<14))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 37: // STATE 123 - run.pml:43 - [kind = 0] (0:132:2 - 1)
		IfNotBlocked
		reached[0][123] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
		((P0 *)_this)->kind = 0;
#ifdef VAR_RANGES
		logval("one_run:kind", ((P0 *)_this)->kind);
#endif
		;
		/* merge: i = 0(132, 124, 132) */
		reached[0][124] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 133, 132) */
		reached[0][133] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 38: // STATE 125 - run.pml:44 - [(((i<length)&&(whose[i]==0)))] (132:0:2 - 1)
		IfNotBlocked
		reached[0][125] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.length))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==0))))
			continue;
		/* merge: kind = what[i](132, 126, 132) */
		reached[0][126] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
		((P0 *)_this)->kind = now.what[ Index(((int)((P0 *)_this)->i), 14) ];
#ifdef VAR_RANGES
		logval("one_run:kind", ((P0 *)_this)->kind);
#endif
		;
		/* merge: i = (i+1)(132, 127, 132) */
		reached[0][127] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 133, 132) */
		reached[0][133] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 39: // STATE 128 - run.pml:45 - [(((i<length)&&(whose[i]!=0)))] (132:0:1 - 1)
		IfNotBlocked
		reached[0][128] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.length))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])!=0))))
			continue;
		/* merge: i = (i+1)(0, 129, 132) */
		reached[0][129] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 133, 132) */
		reached[0][133] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 40: // STATE 135 - run.pml:47 - [i = 0] (0:146:1 - 3)
		IfNotBlocked
		reached[0][135] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 41: // STATE 137 - run.pml:193 - [((kind==Intent))] (143:0:2 - 1)
		IfNotBlocked
		reached[0][137] = 1;
		if (!((((P0 *)_this)->kind==3)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: kind */  (trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->kind = 0;
		/* merge: orders[0] = (orders[0]+1)(0, 138, 143) */
		reached[0][138] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.orders[0]);
		now.orders[0] = (((int)now.orders[0])+1);
#ifdef VAR_RANGES
		logval("orders[0]", ((int)now.orders[0]));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 42: // STATE 139 - run.pml:65 - [what[length] = 1] (0:142:3 - 1)
		IfNotBlocked
		reached[0][139] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = now.what[ Index(((int)now.length), 14) ];
		now.what[ Index(now.length, 14) ] = 1;
#ifdef VAR_RANGES
		logval("what[length]", now.what[ Index(((int)now.length), 14) ]);
#endif
		;
		/* merge: whose[length] = 0(142, 140, 142) */
		reached[0][140] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.whose[ Index(((int)now.length), 14) ]);
		now.whose[ Index(now.length, 14) ] = 0;
#ifdef VAR_RANGES
		logval("whose[length]", ((int)now.whose[ Index(((int)now.length), 14) ]));
#endif
		;
		/* merge: length = (length+1)(142, 141, 142) */
		reached[0][141] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.length);
		now.length = (((int)now.length)+1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 43: // STATE 142 - run.pml:65 - [(1)] (873:0:1 - 1)
		IfNotBlocked
		reached[0][142] = 1;
		if (!(1))
			continue;
		/* merge: seen[((0*2)+0)] = Todo(873, 144, 873) */
		reached[0][144] = 1;
		(trpt+1)->bup.oval = now.seen[ Index(((0*2)+0), 4) ];
		now.seen[ Index(((0*2)+0), 4) ] = 16;
#ifdef VAR_RANGES
		logval("seen[((0*2)+0)]", now.seen[ Index(((0*2)+0), 4) ]);
#endif
		;
		/* merge: .(goto)(873, 147, 873) */
		reached[0][147] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 44: // STATE 147 - run.pml:193 - [.(goto)] (0:873:0 - 2)
		IfNotBlocked
		reached[0][147] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 45: // STATE 149 - run.pml:193 - [((((driver[1]==Live)&&(seen[((1*2)+0)]==Todo))&&(length<14)))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][149] = 1;
		if (!((((now.driver[1]==7)&&(now.seen[ Index(((1*2)+0), 4) ]==16))&&(((int)now.length)<14))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 46: // STATE 150 - run.pml:193 - [((Kept==Kept))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][150] = 1;
		if (!((15==15)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 47: // STATE 151 - run.pml:65 - [what[length] = 3] (0:154:3 - 1)
		IfNotBlocked
		reached[0][151] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = now.what[ Index(((int)now.length), 14) ];
		now.what[ Index(now.length, 14) ] = 3;
#ifdef VAR_RANGES
		logval("what[length]", now.what[ Index(((int)now.length), 14) ]);
#endif
		;
		/* merge: whose[length] = 0(154, 152, 154) */
		reached[0][152] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.whose[ Index(((int)now.length), 14) ]);
		now.whose[ Index(now.length, 14) ] = 0;
#ifdef VAR_RANGES
		logval("whose[length]", ((int)now.whose[ Index(((int)now.length), 14) ]));
#endif
		;
		/* merge: length = (length+1)(154, 153, 154) */
		reached[0][153] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.length);
		now.length = (((int)now.length)+1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 48: // STATE 154 - run.pml:65 - [(1)] (873:0:1 - 1)
		IfNotBlocked
		reached[0][154] = 1;
		if (!(1))
			continue;
		/* merge: .(goto)(873, 158, 873) */
		reached[0][158] = 1;
		;
		/* merge: seen[((1*2)+0)] = Kept(873, 159, 873) */
		reached[0][159] = 1;
		(trpt+1)->bup.oval = now.seen[ Index(((1*2)+0), 4) ];
		now.seen[ Index(((1*2)+0), 4) ] = 15;
#ifdef VAR_RANGES
		logval("seen[((1*2)+0)]", now.seen[ Index(((1*2)+0), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 49: // STATE 158 - run.pml:193 - [.(goto)] (0:873:1 - 2)
		IfNotBlocked
		reached[0][158] = 1;
		;
		/* merge: seen[((1*2)+0)] = Kept(873, 159, 873) */
		reached[0][159] = 1;
		(trpt+1)->bup.oval = now.seen[ Index(((1*2)+0), 4) ];
		now.seen[ Index(((1*2)+0), 4) ] = 15;
#ifdef VAR_RANGES
		logval("seen[((1*2)+0)]", now.seen[ Index(((1*2)+0), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 50: // STATE 161 - run.pml:193 - [((((driver[1]==Live)&&(seen[((1*2)+0)]==Kept))&&runner[1]))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][161] = 1;
		if (!((((now.driver[1]==7)&&(now.seen[ Index(((1*2)+0), 4) ]==15))&&((int)now.runner[1]))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 51: // STATE 162 - run.pml:50 - [yes = 0] (0:171:2 - 1)
		IfNotBlocked
		reached[0][162] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->yes);
		((P0 *)_this)->yes = 0;
#ifdef VAR_RANGES
		logval("one_run:yes", ((int)((P0 *)_this)->yes));
#endif
		;
		/* merge: i = 0(171, 163, 171) */
		reached[0][163] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 172, 171) */
		reached[0][172] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 52: // STATE 164 - run.pml:51 - [((((i<synced)&&(whose[i]==0))&&(what[i]==3)))] (171:0:2 - 1)
		IfNotBlocked
		reached[0][164] = 1;
		if (!((((((int)((P0 *)_this)->i)<((int)now.synced))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==0))&&(now.what[ Index(((int)((P0 *)_this)->i), 14) ]==3))))
			continue;
		/* merge: yes = 1(171, 165, 171) */
		reached[0][165] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->yes);
		((P0 *)_this)->yes = 1;
#ifdef VAR_RANGES
		logval("one_run:yes", ((int)((P0 *)_this)->yes));
#endif
		;
		/* merge: i = (i+1)(171, 166, 171) */
		reached[0][166] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 172, 171) */
		reached[0][172] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 53: // STATE 167 - run.pml:52 - [(((i<synced)&&!(((whose[i]==0)&&(what[i]==3)))))] (171:0:1 - 1)
		IfNotBlocked
		reached[0][167] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.synced))&& !(((((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==0)&&(now.what[ Index(((int)((P0 *)_this)->i), 14) ]==3))))))
			continue;
		/* merge: i = (i+1)(0, 168, 171) */
		reached[0][168] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 172, 171) */
		reached[0][172] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 54: // STATE 174 - run.pml:54 - [i = 0] (0:180:1 - 3)
		IfNotBlocked
		reached[0][174] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 55: // STATE 176 - run.pml:193 - [(yes)] (873:0:3 - 1)
		IfNotBlocked
		reached[0][176] = 1;
		if (!(((int)((P0 *)_this)->yes)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: yes */  (trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->yes;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->yes = 0;
		/* merge: pipe[((1*2)+0)] = Asked(873, 177, 873) */
		reached[0][177] = 1;
		(trpt+1)->bup.ovals[1] = now.pipe[ Index(((1*2)+0), 4) ];
		now.pipe[ Index(((1*2)+0), 4) ] = 19;
#ifdef VAR_RANGES
		logval("pipe[((1*2)+0)]", now.pipe[ Index(((1*2)+0), 4) ]);
#endif
		;
		/* merge: seen[((1*2)+0)] = Sent(873, 178, 873) */
		reached[0][178] = 1;
		(trpt+1)->bup.ovals[2] = now.seen[ Index(((1*2)+0), 4) ];
		now.seen[ Index(((1*2)+0), 4) ] = 14;
#ifdef VAR_RANGES
		logval("seen[((1*2)+0)]", now.seen[ Index(((1*2)+0), 4) ]);
#endif
		;
		/* merge: .(goto)(873, 181, 873) */
		reached[0][181] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 56: // STATE 181 - run.pml:193 - [.(goto)] (0:873:0 - 2)
		IfNotBlocked
		reached[0][181] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 57: // STATE 183 - run.pml:193 - [((((driver[1]==Live)&&(seen[((1*2)+0)]==Sent))&&(pipe[((1*2)+0)]==Said)))] (873:0:2 - 1)
		IfNotBlocked
		reached[0][183] = 1;
		if (!((((now.driver[1]==7)&&(now.seen[ Index(((1*2)+0), 4) ]==14))&&(now.pipe[ Index(((1*2)+0), 4) ]==17))))
			continue;
		/* merge: pipe[((1*2)+0)] = Nothing(873, 184, 873) */
		reached[0][184] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = now.pipe[ Index(((1*2)+0), 4) ];
		now.pipe[ Index(((1*2)+0), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((1*2)+0)]", now.pipe[ Index(((1*2)+0), 4) ]);
#endif
		;
		/* merge: seen[((1*2)+0)] = Answered(873, 185, 873) */
		reached[0][185] = 1;
		(trpt+1)->bup.ovals[1] = now.seen[ Index(((1*2)+0), 4) ];
		now.seen[ Index(((1*2)+0), 4) ] = 13;
#ifdef VAR_RANGES
		logval("seen[((1*2)+0)]", now.seen[ Index(((1*2)+0), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 58: // STATE 187 - run.pml:193 - [((((driver[1]==Live)&&(seen[((1*2)+0)]==Answered))&&(length<14)))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][187] = 1;
		if (!((((now.driver[1]==7)&&(now.seen[ Index(((1*2)+0), 4) ]==13))&&(((int)now.length)<14))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 59: // STATE 188 - run.pml:43 - [kind = 0] (0:197:2 - 1)
		IfNotBlocked
		reached[0][188] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
		((P0 *)_this)->kind = 0;
#ifdef VAR_RANGES
		logval("one_run:kind", ((P0 *)_this)->kind);
#endif
		;
		/* merge: i = 0(197, 189, 197) */
		reached[0][189] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 198, 197) */
		reached[0][198] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 60: // STATE 190 - run.pml:44 - [(((i<length)&&(whose[i]==0)))] (197:0:2 - 1)
		IfNotBlocked
		reached[0][190] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.length))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==0))))
			continue;
		/* merge: kind = what[i](197, 191, 197) */
		reached[0][191] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
		((P0 *)_this)->kind = now.what[ Index(((int)((P0 *)_this)->i), 14) ];
#ifdef VAR_RANGES
		logval("one_run:kind", ((P0 *)_this)->kind);
#endif
		;
		/* merge: i = (i+1)(197, 192, 197) */
		reached[0][192] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 198, 197) */
		reached[0][198] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 61: // STATE 193 - run.pml:45 - [(((i<length)&&(whose[i]!=0)))] (197:0:1 - 1)
		IfNotBlocked
		reached[0][193] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.length))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])!=0))))
			continue;
		/* merge: i = (i+1)(0, 194, 197) */
		reached[0][194] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 198, 197) */
		reached[0][198] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 62: // STATE 200 - run.pml:47 - [i = 0] (0:207:1 - 3)
		IfNotBlocked
		reached[0][200] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: assert((kind==Intent))(207, 202, 207) */
		reached[0][202] = 1;
		spin_assert((((P0 *)_this)->kind==3), "(kind==3)", II, tt, t);
		_m = 3; goto P999; /* 1 */
	case 63: // STATE 203 - run.pml:65 - [what[length] = 2] (0:206:3 - 1)
		IfNotBlocked
		reached[0][203] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = now.what[ Index(((int)now.length), 14) ];
		now.what[ Index(now.length, 14) ] = 2;
#ifdef VAR_RANGES
		logval("what[length]", now.what[ Index(((int)now.length), 14) ]);
#endif
		;
		/* merge: whose[length] = 0(206, 204, 206) */
		reached[0][204] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.whose[ Index(((int)now.length), 14) ]);
		now.whose[ Index(now.length, 14) ] = 0;
#ifdef VAR_RANGES
		logval("whose[length]", ((int)now.whose[ Index(((int)now.length), 14) ]));
#endif
		;
		/* merge: length = (length+1)(206, 205, 206) */
		reached[0][205] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.length);
		now.length = (((int)now.length)+1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 64: // STATE 206 - run.pml:65 - [(1)] (873:0:1 - 1)
		IfNotBlocked
		reached[0][206] = 1;
		if (!(1))
			continue;
		/* merge: seen[((1*2)+0)] = Logged(0, 208, 873) */
		reached[0][208] = 1;
		(trpt+1)->bup.oval = now.seen[ Index(((1*2)+0), 4) ];
		now.seen[ Index(((1*2)+0), 4) ] = 12;
#ifdef VAR_RANGES
		logval("seen[((1*2)+0)]", now.seen[ Index(((1*2)+0), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 65: // STATE 210 - run.pml:193 - [(((driver[1]==Live)&&(seen[((1*2)+0)]==Logged)))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][210] = 1;
		if (!(((now.driver[1]==7)&&(now.seen[ Index(((1*2)+0), 4) ]==12))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 66: // STATE 211 - run.pml:50 - [yes = 0] (0:220:2 - 1)
		IfNotBlocked
		reached[0][211] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->yes);
		((P0 *)_this)->yes = 0;
#ifdef VAR_RANGES
		logval("one_run:yes", ((int)((P0 *)_this)->yes));
#endif
		;
		/* merge: i = 0(220, 212, 220) */
		reached[0][212] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 221, 220) */
		reached[0][221] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 67: // STATE 213 - run.pml:51 - [((((i<synced)&&(whose[i]==0))&&(what[i]==2)))] (220:0:2 - 1)
		IfNotBlocked
		reached[0][213] = 1;
		if (!((((((int)((P0 *)_this)->i)<((int)now.synced))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==0))&&(now.what[ Index(((int)((P0 *)_this)->i), 14) ]==2))))
			continue;
		/* merge: yes = 1(220, 214, 220) */
		reached[0][214] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->yes);
		((P0 *)_this)->yes = 1;
#ifdef VAR_RANGES
		logval("one_run:yes", ((int)((P0 *)_this)->yes));
#endif
		;
		/* merge: i = (i+1)(220, 215, 220) */
		reached[0][215] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 221, 220) */
		reached[0][221] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 68: // STATE 216 - run.pml:52 - [(((i<synced)&&!(((whose[i]==0)&&(what[i]==2)))))] (220:0:1 - 1)
		IfNotBlocked
		reached[0][216] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.synced))&& !(((((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==0)&&(now.what[ Index(((int)((P0 *)_this)->i), 14) ]==2))))))
			continue;
		/* merge: i = (i+1)(0, 217, 220) */
		reached[0][217] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 221, 220) */
		reached[0][221] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 69: // STATE 223 - run.pml:54 - [i = 0] (0:229:1 - 3)
		IfNotBlocked
		reached[0][223] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 70: // STATE 225 - run.pml:193 - [(yes)] (873:0:3 - 1)
		IfNotBlocked
		reached[0][225] = 1;
		if (!(((int)((P0 *)_this)->yes)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: yes */  (trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->yes;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->yes = 0;
		/* merge: announced[0] = 1(873, 226, 873) */
		reached[0][226] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.announced[0]);
		now.announced[0] = 1;
#ifdef VAR_RANGES
		logval("announced[0]", ((int)now.announced[0]));
#endif
		;
		/* merge: seen[((1*2)+0)] = Done(873, 227, 873) */
		reached[0][227] = 1;
		(trpt+1)->bup.ovals[2] = now.seen[ Index(((1*2)+0), 4) ];
		now.seen[ Index(((1*2)+0), 4) ] = 11;
#ifdef VAR_RANGES
		logval("seen[((1*2)+0)]", now.seen[ Index(((1*2)+0), 4) ]);
#endif
		;
		/* merge: .(goto)(873, 230, 873) */
		reached[0][230] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 71: // STATE 230 - run.pml:193 - [.(goto)] (0:873:0 - 2)
		IfNotBlocked
		reached[0][230] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 72: // STATE 232 - run.pml:193 - [(((((driver[1]==Live)&&!(runner[1]))&&(seen[((1*2)+0)]==Sent))&&(pipe[((1*2)+0)]!=Said)))] (873:0:3 - 1)
		IfNotBlocked
		reached[0][232] = 1;
		if (!(((((now.driver[1]==7)&& !(((int)now.runner[1])))&&(now.seen[ Index(((1*2)+0), 4) ]==14))&&(now.pipe[ Index(((1*2)+0), 4) ]!=17))))
			continue;
		/* merge: assert((pipe[((1*2)+0)]!=Said))(873, 233, 873) */
		reached[0][233] = 1;
		spin_assert((now.pipe[ Index(((1*2)+0), 4) ]!=17), "(pipe[((1*2)+0)]!=17)", II, tt, t);
		/* merge: seen[((1*2)+0)] = Unknown(873, 234, 873) */
		reached[0][234] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = now.seen[ Index(((1*2)+0), 4) ];
		now.seen[ Index(((1*2)+0), 4) ] = 10;
#ifdef VAR_RANGES
		logval("seen[((1*2)+0)]", now.seen[ Index(((1*2)+0), 4) ]);
#endif
		;
		/* merge: pipe[((1*2)+0)] = Nothing(873, 235, 873) */
		reached[0][235] = 1;
		(trpt+1)->bup.ovals[1] = now.pipe[ Index(((1*2)+0), 4) ];
		now.pipe[ Index(((1*2)+0), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((1*2)+0)]", now.pipe[ Index(((1*2)+0), 4) ]);
#endif
		;
		/* merge: alive[0] = 0(873, 236, 873) */
		reached[0][236] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.alive[0]);
		now.alive[0] = 0;
#ifdef VAR_RANGES
		logval("alive[0]", ((int)now.alive[0]));
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 5 */
	case 73: // STATE 238 - run.pml:193 - [((((driver[1]==Live)&&!(runner[1]))&&(seen[((1*2)+0)]==Kept)))] (873:0:1 - 1)
		IfNotBlocked
		reached[0][238] = 1;
		if (!((((now.driver[1]==7)&& !(((int)now.runner[1])))&&(now.seen[ Index(((1*2)+0), 4) ]==15))))
			continue;
		/* merge: seen[((1*2)+0)] = Unknown(0, 239, 873) */
		reached[0][239] = 1;
		(trpt+1)->bup.oval = now.seen[ Index(((1*2)+0), 4) ];
		now.seen[ Index(((1*2)+0), 4) ] = 10;
#ifdef VAR_RANGES
		logval("seen[((1*2)+0)]", now.seen[ Index(((1*2)+0), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 74: // STATE 241 - run.pml:193 - [((runner[1]&&(pipe[((1*2)+0)]==Asked)))] (873:0:3 - 1)
		IfNotBlocked
		reached[0][241] = 1;
		if (!((((int)now.runner[1])&&(now.pipe[ Index(((1*2)+0), 4) ]==19))))
			continue;
		/* merge: effects[0] = (effects[0]+1)(873, 242, 873) */
		reached[0][242] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.effects[0]);
		now.effects[0] = (((int)now.effects[0])+1);
#ifdef VAR_RANGES
		logval("effects[0]", ((int)now.effects[0]));
#endif
		;
		/* merge: alive[0] = (alive[0]+1)(873, 243, 873) */
		reached[0][243] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.alive[0]);
		now.alive[0] = (((int)now.alive[0])+1);
#ifdef VAR_RANGES
		logval("alive[0]", ((int)now.alive[0]));
#endif
		;
		/* merge: pipe[((1*2)+0)] = Running(873, 244, 873) */
		reached[0][244] = 1;
		(trpt+1)->bup.ovals[2] = now.pipe[ Index(((1*2)+0), 4) ];
		now.pipe[ Index(((1*2)+0), 4) ] = 18;
#ifdef VAR_RANGES
		logval("pipe[((1*2)+0)]", now.pipe[ Index(((1*2)+0), 4) ]);
#endif
		;
		/* merge: assert((effects[0]<=(1+orders[0])))(873, 245, 873) */
		reached[0][245] = 1;
		spin_assert((((int)now.effects[0])<=(1+((int)now.orders[0]))), "(effects[0]<=(1+orders[0]))", II, tt, t);
		/* merge: assert((alive[0]<=1))(873, 246, 873) */
		reached[0][246] = 1;
		spin_assert((((int)now.alive[0])<=1), "(alive[0]<=1)", II, tt, t);
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 6 */
	case 75: // STATE 248 - run.pml:193 - [((runner[1]&&(pipe[((1*2)+0)]==Running)))] (873:0:3 - 1)
		IfNotBlocked
		reached[0][248] = 1;
		if (!((((int)now.runner[1])&&(now.pipe[ Index(((1*2)+0), 4) ]==18))))
			continue;
		/* merge: alive[0] = (alive[0]-1)(873, 249, 873) */
		reached[0][249] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.alive[0]);
		now.alive[0] = (((int)now.alive[0])-1);
#ifdef VAR_RANGES
		logval("alive[0]", ((int)now.alive[0]));
#endif
		;
		/* merge: completed[0] = 1(873, 250, 873) */
		reached[0][250] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.completed[0]);
		now.completed[0] = 1;
#ifdef VAR_RANGES
		logval("completed[0]", ((int)now.completed[0]));
#endif
		;
		/* merge: pipe[((1*2)+0)] = Said(873, 251, 873) */
		reached[0][251] = 1;
		(trpt+1)->bup.ovals[2] = now.pipe[ Index(((1*2)+0), 4) ];
		now.pipe[ Index(((1*2)+0), 4) ] = 17;
#ifdef VAR_RANGES
		logval("pipe[((1*2)+0)]", now.pipe[ Index(((1*2)+0), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 76: // STATE 253 - run.pml:193 - [(((((driver[1]==Live)&&(resumes>0))&&(seen[((1*2)+0)]==Unknown))&&(length<14)))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][253] = 1;
		if (!(((((now.driver[1]==7)&&(((int)now.resumes)>0))&&(now.seen[ Index(((1*2)+0), 4) ]==10))&&(((int)now.length)<14))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 77: // STATE 254 - run.pml:43 - [kind = 0] (0:263:2 - 1)
		IfNotBlocked
		reached[0][254] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
		((P0 *)_this)->kind = 0;
#ifdef VAR_RANGES
		logval("one_run:kind", ((P0 *)_this)->kind);
#endif
		;
		/* merge: i = 0(263, 255, 263) */
		reached[0][255] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 264, 263) */
		reached[0][264] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 78: // STATE 256 - run.pml:44 - [(((i<length)&&(whose[i]==0)))] (263:0:2 - 1)
		IfNotBlocked
		reached[0][256] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.length))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==0))))
			continue;
		/* merge: kind = what[i](263, 257, 263) */
		reached[0][257] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
		((P0 *)_this)->kind = now.what[ Index(((int)((P0 *)_this)->i), 14) ];
#ifdef VAR_RANGES
		logval("one_run:kind", ((P0 *)_this)->kind);
#endif
		;
		/* merge: i = (i+1)(263, 258, 263) */
		reached[0][258] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 264, 263) */
		reached[0][264] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 79: // STATE 259 - run.pml:45 - [(((i<length)&&(whose[i]!=0)))] (263:0:1 - 1)
		IfNotBlocked
		reached[0][259] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.length))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])!=0))))
			continue;
		/* merge: i = (i+1)(0, 260, 263) */
		reached[0][260] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 264, 263) */
		reached[0][264] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 80: // STATE 266 - run.pml:47 - [i = 0] (0:277:1 - 3)
		IfNotBlocked
		reached[0][266] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 81: // STATE 268 - run.pml:193 - [((kind==Intent))] (274:0:2 - 1)
		IfNotBlocked
		reached[0][268] = 1;
		if (!((((P0 *)_this)->kind==3)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: kind */  (trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->kind = 0;
		/* merge: orders[0] = (orders[0]+1)(0, 269, 274) */
		reached[0][269] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.orders[0]);
		now.orders[0] = (((int)now.orders[0])+1);
#ifdef VAR_RANGES
		logval("orders[0]", ((int)now.orders[0]));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 82: // STATE 270 - run.pml:65 - [what[length] = 1] (0:273:3 - 1)
		IfNotBlocked
		reached[0][270] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = now.what[ Index(((int)now.length), 14) ];
		now.what[ Index(now.length, 14) ] = 1;
#ifdef VAR_RANGES
		logval("what[length]", now.what[ Index(((int)now.length), 14) ]);
#endif
		;
		/* merge: whose[length] = 0(273, 271, 273) */
		reached[0][271] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.whose[ Index(((int)now.length), 14) ]);
		now.whose[ Index(now.length, 14) ] = 0;
#ifdef VAR_RANGES
		logval("whose[length]", ((int)now.whose[ Index(((int)now.length), 14) ]));
#endif
		;
		/* merge: length = (length+1)(273, 272, 273) */
		reached[0][272] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.length);
		now.length = (((int)now.length)+1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 83: // STATE 273 - run.pml:65 - [(1)] (873:0:1 - 1)
		IfNotBlocked
		reached[0][273] = 1;
		if (!(1))
			continue;
		/* merge: seen[((1*2)+0)] = Todo(873, 275, 873) */
		reached[0][275] = 1;
		(trpt+1)->bup.oval = now.seen[ Index(((1*2)+0), 4) ];
		now.seen[ Index(((1*2)+0), 4) ] = 16;
#ifdef VAR_RANGES
		logval("seen[((1*2)+0)]", now.seen[ Index(((1*2)+0), 4) ]);
#endif
		;
		/* merge: .(goto)(873, 278, 873) */
		reached[0][278] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 84: // STATE 278 - run.pml:193 - [.(goto)] (0:873:0 - 2)
		IfNotBlocked
		reached[0][278] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 85: // STATE 280 - run.pml:193 - [(((driver[0]==Live)&&(synced<length)))] (873:0:1 - 1)
		IfNotBlocked
		reached[0][280] = 1;
		if (!(((now.driver[0]==7)&&(((int)now.synced)<((int)now.length)))))
			continue;
		/* merge: synced = length(0, 281, 873) */
		reached[0][281] = 1;
		(trpt+1)->bup.oval = ((int)now.synced);
		now.synced = ((int)now.length);
#ifdef VAR_RANGES
		logval("synced", ((int)now.synced));
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 86: // STATE 283 - run.pml:193 - [((((driver[0]==Live)&&((seen[((0*2)+0)]==Done)||(seen[((0*2)+0)]==Unknown)))&&((seen[((0*2)+(2-1))]==Done)||(seen[((0*2)+(2-1))]==Unknown))))] (291:0:1 - 1)
		IfNotBlocked
		reached[0][283] = 1;
		if (!((((now.driver[0]==7)&&((now.seen[ Index(((0*2)+0), 4) ]==11)||(now.seen[ Index(((0*2)+0), 4) ]==10)))&&((now.seen[ Index(((0*2)+(2-1)), 4) ]==11)||(now.seen[ Index(((0*2)+(2-1)), 4) ]==10)))))
			continue;
		/* merge: driver[0] = Ended(0, 284, 291) */
		reached[0][284] = 1;
		(trpt+1)->bup.oval = now.driver[0];
		now.driver[0] = 4;
#ifdef VAR_RANGES
		logval("driver[0]", now.driver[0]);
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 87: // STATE 285 - run.pml:67 - [((holder==0))] (873:0:1 - 1)
		IfNotBlocked
		reached[0][285] = 1;
		if (!((((int)now.holder)==0)))
			continue;
		/* merge: holder = 2(873, 286, 873) */
		reached[0][286] = 1;
		(trpt+1)->bup.oval = ((int)now.holder);
		now.holder = 2;
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: .(goto)(873, 290, 873) */
		reached[0][290] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 88: // STATE 290 - run.pml:67 - [.(goto)] (0:873:0 - 2)
		IfNotBlocked
		reached[0][290] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 89: // STATE 288 - run.pml:67 - [(1)] (873:0:0 - 1)
		IfNotBlocked
		reached[0][288] = 1;
		if (!(1))
			continue;
		/* merge: .(goto)(873, 290, 873) */
		reached[0][290] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 90: // STATE 293 - run.pml:193 - [((runner[0]&&(driver[0]!=Live)))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][293] = 1;
		if (!((((int)now.runner[0])&&(now.driver[0]!=7))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 91: // STATE 294 - run.pml:148 - [j = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][294] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 92: // STATE 295 - run.pml:149 - [((j<2))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][295] = 1;
		if (!((((int)((P0 *)_this)->j)<2)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 93: // STATE 296 - run.pml:149 - [(((pipe[((0*2)+j)]==Running)&&(alive[j]>0)))] (305:0:3 - 1)
		IfNotBlocked
		reached[0][296] = 1;
		if (!(((now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ]==18)&&(((int)now.alive[ Index(((int)((P0 *)_this)->j), 2) ])>0))))
			continue;
		/* merge: alive[j] = (alive[j]-1)(305, 297, 305) */
		reached[0][297] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.alive[ Index(((int)((P0 *)_this)->j), 2) ]);
		now.alive[ Index(((P0 *)_this)->j, 2) ] = (((int)now.alive[ Index(((int)((P0 *)_this)->j), 2) ])-1);
#ifdef VAR_RANGES
		logval("alive[one_run:j]", ((int)now.alive[ Index(((int)((P0 *)_this)->j), 2) ]));
#endif
		;
		/* merge: .(goto)(305, 300, 305) */
		reached[0][300] = 1;
		;
		/* merge: pipe[((0*2)+j)] = Nothing(305, 301, 305) */
		reached[0][301] = 1;
		(trpt+1)->bup.ovals[1] = now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ];
		now.pipe[ Index(((0*2)+((P0 *)_this)->j), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((0*2)+one_run:j)]", now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: j = (j+1)(305, 302, 305) */
		reached[0][302] = 1;
		(trpt+1)->bup.ovals[2] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 306, 305) */
		reached[0][306] = 1;
		;
		_m = 3; goto P999; /* 5 */
	case 94: // STATE 301 - run.pml:149 - [pipe[((0*2)+j)] = Nothing] (0:305:2 - 3)
		IfNotBlocked
		reached[0][301] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ];
		now.pipe[ Index(((0*2)+((P0 *)_this)->j), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((0*2)+one_run:j)]", now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: j = (j+1)(305, 302, 305) */
		reached[0][302] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 306, 305) */
		reached[0][306] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 95: // STATE 308 - run.pml:151 - [j = 0] (0:873:2 - 3)
		IfNotBlocked
		reached[0][308] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: runner[0] = 0(873, 309, 873) */
		reached[0][309] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.runner[0]);
		now.runner[0] = 0;
#ifdef VAR_RANGES
		logval("runner[0]", ((int)now.runner[0]));
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 96: // STATE 312 - run.pml:193 - [(((((!(((driver[0]==Live)||(driver[0]==Locked)))&&(driver[0]!=Ended))&&(driver[1]!=Ended))&&(holder==2))&&(resumes<3)))] (326:0:3 - 1)
		IfNotBlocked
		reached[0][312] = 1;
		if (!((((( !(((now.driver[0]==7)||(now.driver[0]==8)))&&(now.driver[0]!=4))&&(now.driver[1]!=4))&&(((int)now.holder)==2))&&(((int)now.resumes)<3))))
			continue;
		/* merge: resumes = (resumes+1)(326, 313, 326) */
		reached[0][313] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.resumes);
		now.resumes = (((int)now.resumes)+1);
#ifdef VAR_RANGES
		logval("resumes", ((int)now.resumes));
#endif
		;
		/* merge: holder = 0(326, 314, 326) */
		reached[0][314] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.holder);
		now.holder = 0;
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: driver[0] = Locked(326, 315, 326) */
		reached[0][315] = 1;
		(trpt+1)->bup.ovals[2] = now.driver[0];
		now.driver[0] = 8;
#ifdef VAR_RANGES
		logval("driver[0]", now.driver[0]);
#endif
		;
		_m = 3; goto P999; /* 3 */
	case 97: // STATE 316 - run.pml:68 - [j = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][316] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 98: // STATE 317 - run.pml:68 - [((j<2))] (322:0:2 - 1)
		IfNotBlocked
		reached[0][317] = 1;
		if (!((((int)((P0 *)_this)->j)<2)))
			continue;
		/* merge: seen[((0*2)+j)] = Todo(322, 318, 322) */
		reached[0][318] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = now.seen[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ];
		now.seen[ Index(((0*2)+((P0 *)_this)->j), 4) ] = 16;
#ifdef VAR_RANGES
		logval("seen[((0*2)+one_run:j)]", now.seen[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: j = (j+1)(322, 319, 322) */
		reached[0][319] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 323, 322) */
		reached[0][323] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 99: // STATE 325 - run.pml:68 - [j = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][325] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 100: // STATE 328 - run.pml:193 - [(((driver[0]==Locked)&&((!(runner[0])&&!(runner[1]))&&((alive[0]==0)&&(alive[(2-1)]==0)))))] (362:0:1 - 1)
		IfNotBlocked
		reached[0][328] = 1;
		if (!(((now.driver[0]==8)&&(( !(((int)now.runner[0]))&& !(((int)now.runner[1])))&&((((int)now.alive[0])==0)&&(((int)now.alive[ Index((2-1), 2) ])==0))))))
			continue;
		/* merge: synced = length(0, 329, 362) */
		reached[0][329] = 1;
		(trpt+1)->bup.oval = ((int)now.synced);
		now.synced = ((int)now.length);
#ifdef VAR_RANGES
		logval("synced", ((int)now.synced));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 101: // STATE 330 - run.pml:162 - [j = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][330] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 102: // STATE 331 - run.pml:163 - [((j<2))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][331] = 1;
		if (!((((int)((P0 *)_this)->j)<2)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 103: // STATE 332 - run.pml:43 - [kind = 0] (0:341:2 - 1)
		IfNotBlocked
		reached[0][332] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
		((P0 *)_this)->kind = 0;
#ifdef VAR_RANGES
		logval("one_run:kind", ((P0 *)_this)->kind);
#endif
		;
		/* merge: i = 0(341, 333, 341) */
		reached[0][333] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 342, 341) */
		reached[0][342] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 104: // STATE 334 - run.pml:44 - [(((i<length)&&(whose[i]==j)))] (341:0:2 - 1)
		IfNotBlocked
		reached[0][334] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.length))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==((int)((P0 *)_this)->j)))))
			continue;
		/* merge: kind = what[i](341, 335, 341) */
		reached[0][335] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
		((P0 *)_this)->kind = now.what[ Index(((int)((P0 *)_this)->i), 14) ];
#ifdef VAR_RANGES
		logval("one_run:kind", ((P0 *)_this)->kind);
#endif
		;
		/* merge: i = (i+1)(341, 336, 341) */
		reached[0][336] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 342, 341) */
		reached[0][342] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 105: // STATE 337 - run.pml:45 - [(((i<length)&&(whose[i]!=j)))] (341:0:1 - 1)
		IfNotBlocked
		reached[0][337] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.length))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])!=((int)((P0 *)_this)->j)))))
			continue;
		/* merge: i = (i+1)(0, 338, 341) */
		reached[0][338] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 342, 341) */
		reached[0][342] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 106: // STATE 344 - run.pml:47 - [i = 0] (0:352:1 - 3)
		IfNotBlocked
		reached[0][344] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 107: // STATE 346 - run.pml:164 - [((kind==Result))] (358:0:4 - 1)
		IfNotBlocked
		reached[0][346] = 1;
		if (!((((P0 *)_this)->kind==2)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: kind */  (trpt+1)->bup.ovals = grab_ints(4);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->kind = 0;
		/* merge: seen[((0*2)+j)] = Done(358, 347, 358) */
		reached[0][347] = 1;
		(trpt+1)->bup.ovals[1] = now.seen[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ];
		now.seen[ Index(((0*2)+((P0 *)_this)->j), 4) ] = 11;
#ifdef VAR_RANGES
		logval("seen[((0*2)+one_run:j)]", now.seen[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: .(goto)(358, 353, 358) */
		reached[0][353] = 1;
		;
		/* merge: pipe[((0*2)+j)] = Nothing(358, 354, 358) */
		reached[0][354] = 1;
		(trpt+1)->bup.ovals[2] = now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ];
		now.pipe[ Index(((0*2)+((P0 *)_this)->j), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((0*2)+one_run:j)]", now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: j = (j+1)(358, 355, 358) */
		reached[0][355] = 1;
		(trpt+1)->bup.ovals[3] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 359, 358) */
		reached[0][359] = 1;
		;
		_m = 3; goto P999; /* 5 */
	case 108: // STATE 348 - run.pml:165 - [((kind==Intent))] (358:0:4 - 1)
		IfNotBlocked
		reached[0][348] = 1;
		if (!((((P0 *)_this)->kind==3)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: kind */  (trpt+1)->bup.ovals = grab_ints(4);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->kind = 0;
		/* merge: seen[((0*2)+j)] = Unknown(358, 349, 358) */
		reached[0][349] = 1;
		(trpt+1)->bup.ovals[1] = now.seen[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ];
		now.seen[ Index(((0*2)+((P0 *)_this)->j), 4) ] = 10;
#ifdef VAR_RANGES
		logval("seen[((0*2)+one_run:j)]", now.seen[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: .(goto)(358, 353, 358) */
		reached[0][353] = 1;
		;
		/* merge: pipe[((0*2)+j)] = Nothing(358, 354, 358) */
		reached[0][354] = 1;
		(trpt+1)->bup.ovals[2] = now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ];
		now.pipe[ Index(((0*2)+((P0 *)_this)->j), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((0*2)+one_run:j)]", now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: j = (j+1)(358, 355, 358) */
		reached[0][355] = 1;
		(trpt+1)->bup.ovals[3] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 359, 358) */
		reached[0][359] = 1;
		;
		_m = 3; goto P999; /* 5 */
	case 109: // STATE 351 - run.pml:166 - [seen[((0*2)+j)] = Todo] (0:358:3 - 1)
		IfNotBlocked
		reached[0][351] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = now.seen[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ];
		now.seen[ Index(((0*2)+((P0 *)_this)->j), 4) ] = 16;
#ifdef VAR_RANGES
		logval("seen[((0*2)+one_run:j)]", now.seen[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: .(goto)(358, 353, 358) */
		reached[0][353] = 1;
		;
		/* merge: pipe[((0*2)+j)] = Nothing(358, 354, 358) */
		reached[0][354] = 1;
		(trpt+1)->bup.ovals[1] = now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ];
		now.pipe[ Index(((0*2)+((P0 *)_this)->j), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((0*2)+one_run:j)]", now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: j = (j+1)(358, 355, 358) */
		reached[0][355] = 1;
		(trpt+1)->bup.ovals[2] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 359, 358) */
		reached[0][359] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 110: // STATE 354 - run.pml:167 - [pipe[((0*2)+j)] = Nothing] (0:358:2 - 4)
		IfNotBlocked
		reached[0][354] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ];
		now.pipe[ Index(((0*2)+((P0 *)_this)->j), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((0*2)+one_run:j)]", now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: j = (j+1)(358, 355, 358) */
		reached[0][355] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 359, 358) */
		reached[0][359] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 111: // STATE 361 - run.pml:169 - [j = 0] (0:873:3 - 3)
		IfNotBlocked
		reached[0][361] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: driver[0] = Live(873, 363, 873) */
		reached[0][363] = 1;
		(trpt+1)->bup.ovals[1] = now.driver[0];
		now.driver[0] = 7;
#ifdef VAR_RANGES
		logval("driver[0]", now.driver[0]);
#endif
		;
		/* merge: runner[0] = 1(873, 364, 873) */
		reached[0][364] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.runner[0]);
		now.runner[0] = 1;
#ifdef VAR_RANGES
		logval("runner[0]", ((int)now.runner[0]));
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 112: // STATE 366 - run.pml:193 - [(((((((driver[0]==Live)&&(resumes>0))&&(resumes<3))&&!(((((seen[((0*2)+0)]==Kept)||(seen[((0*2)+0)]==Sent))||(seen[((0*2)+0)]==Answered))||(seen[((0*2)+0)]==Logged))))&&!(((((seen[((0*2)+(2-1))]==Kept)||(seen[((0*2)+(2-1))]==Sent))||(seen[((0*2)+(2-1))]==Answered))||(seen[((0*2)+(2-1))]==Logged))))&&((seen[((0*2)+0)]==Unknown)||(seen[((0*2)+(2-1))]==Unknown))))] (374:0:1 - 1)
		IfNotBlocked
		reached[0][366] = 1;
		if (!(((((((now.driver[0]==7)&&(((int)now.resumes)>0))&&(((int)now.resumes)<3))&& !(((((now.seen[ Index(((0*2)+0), 4) ]==15)||(now.seen[ Index(((0*2)+0), 4) ]==14))||(now.seen[ Index(((0*2)+0), 4) ]==13))||(now.seen[ Index(((0*2)+0), 4) ]==12))))&& !(((((now.seen[ Index(((0*2)+(2-1)), 4) ]==15)||(now.seen[ Index(((0*2)+(2-1)), 4) ]==14))||(now.seen[ Index(((0*2)+(2-1)), 4) ]==13))||(now.seen[ Index(((0*2)+(2-1)), 4) ]==12))))&&((now.seen[ Index(((0*2)+0), 4) ]==10)||(now.seen[ Index(((0*2)+(2-1)), 4) ]==10)))))
			continue;
		/* merge: driver[0] = Stopped(0, 367, 374) */
		reached[0][367] = 1;
		(trpt+1)->bup.oval = now.driver[0];
		now.driver[0] = 5;
#ifdef VAR_RANGES
		logval("driver[0]", now.driver[0]);
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 113: // STATE 368 - run.pml:67 - [((holder==0))] (873:0:1 - 1)
		IfNotBlocked
		reached[0][368] = 1;
		if (!((((int)now.holder)==0)))
			continue;
		/* merge: holder = 2(873, 369, 873) */
		reached[0][369] = 1;
		(trpt+1)->bup.oval = ((int)now.holder);
		now.holder = 2;
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: .(goto)(873, 373, 873) */
		reached[0][373] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 114: // STATE 373 - run.pml:67 - [.(goto)] (0:873:0 - 2)
		IfNotBlocked
		reached[0][373] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 115: // STATE 371 - run.pml:67 - [(1)] (873:0:0 - 1)
		IfNotBlocked
		reached[0][371] = 1;
		if (!(1))
			continue;
		/* merge: .(goto)(873, 373, 873) */
		reached[0][373] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 116: // STATE 376 - run.pml:193 - [(((deaths<3)&&((driver[0]==Live)||(driver[0]==Locked))))] (385:0:2 - 1)
		IfNotBlocked
		reached[0][376] = 1;
		if (!(((((int)now.deaths)<3)&&((now.driver[0]==7)||(now.driver[0]==8)))))
			continue;
		/* merge: deaths = (deaths+1)(385, 377, 385) */
		reached[0][377] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.deaths);
		now.deaths = (((int)now.deaths)+1);
#ifdef VAR_RANGES
		logval("deaths", ((int)now.deaths));
#endif
		;
		/* merge: driver[0] = Dead(385, 378, 385) */
		reached[0][378] = 1;
		(trpt+1)->bup.ovals[1] = now.driver[0];
		now.driver[0] = 6;
#ifdef VAR_RANGES
		logval("driver[0]", now.driver[0]);
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 117: // STATE 379 - run.pml:67 - [((holder==0))] (873:0:1 - 1)
		IfNotBlocked
		reached[0][379] = 1;
		if (!((((int)now.holder)==0)))
			continue;
		/* merge: holder = 2(873, 380, 873) */
		reached[0][380] = 1;
		(trpt+1)->bup.oval = ((int)now.holder);
		now.holder = 2;
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: .(goto)(873, 384, 873) */
		reached[0][384] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 118: // STATE 384 - run.pml:67 - [.(goto)] (0:873:0 - 2)
		IfNotBlocked
		reached[0][384] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 119: // STATE 382 - run.pml:67 - [(1)] (873:0:0 - 1)
		IfNotBlocked
		reached[0][382] = 1;
		if (!(1))
			continue;
		/* merge: .(goto)(873, 384, 873) */
		reached[0][384] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 120: // STATE 387 - run.pml:193 - [(((deaths<3)&&runner[0]))] (404:0:2 - 1)
		IfNotBlocked
		reached[0][387] = 1;
		if (!(((((int)now.deaths)<3)&&((int)now.runner[0]))))
			continue;
		/* merge: deaths = (deaths+1)(404, 388, 404) */
		reached[0][388] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.deaths);
		now.deaths = (((int)now.deaths)+1);
#ifdef VAR_RANGES
		logval("deaths", ((int)now.deaths));
#endif
		;
		/* merge: runner[0] = 0(404, 389, 404) */
		reached[0][389] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.runner[0]);
		now.runner[0] = 0;
#ifdef VAR_RANGES
		logval("runner[0]", ((int)now.runner[0]));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 121: // STATE 390 - run.pml:155 - [j = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][390] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 122: // STATE 391 - run.pml:156 - [((j<2))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][391] = 1;
		if (!((((int)((P0 *)_this)->j)<2)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 123: // STATE 392 - run.pml:156 - [(((pipe[((0*2)+j)]==Asked)||(pipe[((0*2)+j)]==Running)))] (400:0:2 - 1)
		IfNotBlocked
		reached[0][392] = 1;
		if (!(((now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ]==19)||(now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ]==18))))
			continue;
		/* merge: pipe[((0*2)+j)] = Nothing(400, 393, 400) */
		reached[0][393] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ];
		now.pipe[ Index(((0*2)+((P0 *)_this)->j), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((0*2)+one_run:j)]", now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: .(goto)(400, 396, 400) */
		reached[0][396] = 1;
		;
		/* merge: j = (j+1)(400, 397, 400) */
		reached[0][397] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 401, 400) */
		reached[0][401] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 124: // STATE 397 - run.pml:156 - [j = (j+1)] (0:400:1 - 3)
		IfNotBlocked
		reached[0][397] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 401, 400) */
		reached[0][401] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 125: // STATE 403 - run.pml:158 - [j = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][403] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 126: // STATE 406 - run.pml:193 - [(((driver[1]==Live)&&(synced<length)))] (873:0:1 - 1)
		IfNotBlocked
		reached[0][406] = 1;
		if (!(((now.driver[1]==7)&&(((int)now.synced)<((int)now.length)))))
			continue;
		/* merge: synced = length(0, 407, 873) */
		reached[0][407] = 1;
		(trpt+1)->bup.oval = ((int)now.synced);
		now.synced = ((int)now.length);
#ifdef VAR_RANGES
		logval("synced", ((int)now.synced));
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 127: // STATE 409 - run.pml:193 - [((((driver[1]==Live)&&((seen[((1*2)+0)]==Done)||(seen[((1*2)+0)]==Unknown)))&&((seen[((1*2)+(2-1))]==Done)||(seen[((1*2)+(2-1))]==Unknown))))] (417:0:1 - 1)
		IfNotBlocked
		reached[0][409] = 1;
		if (!((((now.driver[1]==7)&&((now.seen[ Index(((1*2)+0), 4) ]==11)||(now.seen[ Index(((1*2)+0), 4) ]==10)))&&((now.seen[ Index(((1*2)+(2-1)), 4) ]==11)||(now.seen[ Index(((1*2)+(2-1)), 4) ]==10)))))
			continue;
		/* merge: driver[1] = Ended(0, 410, 417) */
		reached[0][410] = 1;
		(trpt+1)->bup.oval = now.driver[1];
		now.driver[1] = 4;
#ifdef VAR_RANGES
		logval("driver[1]", now.driver[1]);
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 128: // STATE 411 - run.pml:67 - [((holder==1))] (873:0:1 - 1)
		IfNotBlocked
		reached[0][411] = 1;
		if (!((((int)now.holder)==1)))
			continue;
		/* merge: holder = 2(873, 412, 873) */
		reached[0][412] = 1;
		(trpt+1)->bup.oval = ((int)now.holder);
		now.holder = 2;
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: .(goto)(873, 416, 873) */
		reached[0][416] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 129: // STATE 416 - run.pml:67 - [.(goto)] (0:873:0 - 2)
		IfNotBlocked
		reached[0][416] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 130: // STATE 414 - run.pml:67 - [(1)] (873:0:0 - 1)
		IfNotBlocked
		reached[0][414] = 1;
		if (!(1))
			continue;
		/* merge: .(goto)(873, 416, 873) */
		reached[0][416] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 131: // STATE 419 - run.pml:193 - [((runner[1]&&(driver[1]!=Live)))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][419] = 1;
		if (!((((int)now.runner[1])&&(now.driver[1]!=7))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 132: // STATE 420 - run.pml:148 - [j = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][420] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 133: // STATE 421 - run.pml:149 - [((j<2))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][421] = 1;
		if (!((((int)((P0 *)_this)->j)<2)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 134: // STATE 422 - run.pml:149 - [(((pipe[((1*2)+j)]==Running)&&(alive[j]>0)))] (431:0:3 - 1)
		IfNotBlocked
		reached[0][422] = 1;
		if (!(((now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ]==18)&&(((int)now.alive[ Index(((int)((P0 *)_this)->j), 2) ])>0))))
			continue;
		/* merge: alive[j] = (alive[j]-1)(431, 423, 431) */
		reached[0][423] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.alive[ Index(((int)((P0 *)_this)->j), 2) ]);
		now.alive[ Index(((P0 *)_this)->j, 2) ] = (((int)now.alive[ Index(((int)((P0 *)_this)->j), 2) ])-1);
#ifdef VAR_RANGES
		logval("alive[one_run:j]", ((int)now.alive[ Index(((int)((P0 *)_this)->j), 2) ]));
#endif
		;
		/* merge: .(goto)(431, 426, 431) */
		reached[0][426] = 1;
		;
		/* merge: pipe[((1*2)+j)] = Nothing(431, 427, 431) */
		reached[0][427] = 1;
		(trpt+1)->bup.ovals[1] = now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ];
		now.pipe[ Index(((1*2)+((P0 *)_this)->j), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((1*2)+one_run:j)]", now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: j = (j+1)(431, 428, 431) */
		reached[0][428] = 1;
		(trpt+1)->bup.ovals[2] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 432, 431) */
		reached[0][432] = 1;
		;
		_m = 3; goto P999; /* 5 */
	case 135: // STATE 427 - run.pml:149 - [pipe[((1*2)+j)] = Nothing] (0:431:2 - 3)
		IfNotBlocked
		reached[0][427] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ];
		now.pipe[ Index(((1*2)+((P0 *)_this)->j), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((1*2)+one_run:j)]", now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: j = (j+1)(431, 428, 431) */
		reached[0][428] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 432, 431) */
		reached[0][432] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 136: // STATE 434 - run.pml:151 - [j = 0] (0:873:2 - 3)
		IfNotBlocked
		reached[0][434] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: runner[1] = 0(873, 435, 873) */
		reached[0][435] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.runner[1]);
		now.runner[1] = 0;
#ifdef VAR_RANGES
		logval("runner[1]", ((int)now.runner[1]));
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 137: // STATE 438 - run.pml:193 - [(((((!(((driver[1]==Live)||(driver[1]==Locked)))&&(driver[0]!=Ended))&&(driver[1]!=Ended))&&(holder==2))&&(resumes<3)))] (452:0:3 - 1)
		IfNotBlocked
		reached[0][438] = 1;
		if (!((((( !(((now.driver[1]==7)||(now.driver[1]==8)))&&(now.driver[0]!=4))&&(now.driver[1]!=4))&&(((int)now.holder)==2))&&(((int)now.resumes)<3))))
			continue;
		/* merge: resumes = (resumes+1)(452, 439, 452) */
		reached[0][439] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.resumes);
		now.resumes = (((int)now.resumes)+1);
#ifdef VAR_RANGES
		logval("resumes", ((int)now.resumes));
#endif
		;
		/* merge: holder = 1(452, 440, 452) */
		reached[0][440] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.holder);
		now.holder = 1;
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: driver[1] = Locked(452, 441, 452) */
		reached[0][441] = 1;
		(trpt+1)->bup.ovals[2] = now.driver[1];
		now.driver[1] = 8;
#ifdef VAR_RANGES
		logval("driver[1]", now.driver[1]);
#endif
		;
		_m = 3; goto P999; /* 3 */
	case 138: // STATE 442 - run.pml:68 - [j = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][442] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 139: // STATE 443 - run.pml:68 - [((j<2))] (448:0:2 - 1)
		IfNotBlocked
		reached[0][443] = 1;
		if (!((((int)((P0 *)_this)->j)<2)))
			continue;
		/* merge: seen[((1*2)+j)] = Todo(448, 444, 448) */
		reached[0][444] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = now.seen[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ];
		now.seen[ Index(((1*2)+((P0 *)_this)->j), 4) ] = 16;
#ifdef VAR_RANGES
		logval("seen[((1*2)+one_run:j)]", now.seen[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: j = (j+1)(448, 445, 448) */
		reached[0][445] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 449, 448) */
		reached[0][449] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 140: // STATE 451 - run.pml:68 - [j = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][451] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 141: // STATE 454 - run.pml:193 - [(((driver[1]==Locked)&&((!(runner[0])&&!(runner[1]))&&((alive[0]==0)&&(alive[(2-1)]==0)))))] (488:0:1 - 1)
		IfNotBlocked
		reached[0][454] = 1;
		if (!(((now.driver[1]==8)&&(( !(((int)now.runner[0]))&& !(((int)now.runner[1])))&&((((int)now.alive[0])==0)&&(((int)now.alive[ Index((2-1), 2) ])==0))))))
			continue;
		/* merge: synced = length(0, 455, 488) */
		reached[0][455] = 1;
		(trpt+1)->bup.oval = ((int)now.synced);
		now.synced = ((int)now.length);
#ifdef VAR_RANGES
		logval("synced", ((int)now.synced));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 142: // STATE 456 - run.pml:162 - [j = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][456] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 143: // STATE 457 - run.pml:163 - [((j<2))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][457] = 1;
		if (!((((int)((P0 *)_this)->j)<2)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 144: // STATE 458 - run.pml:43 - [kind = 0] (0:467:2 - 1)
		IfNotBlocked
		reached[0][458] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
		((P0 *)_this)->kind = 0;
#ifdef VAR_RANGES
		logval("one_run:kind", ((P0 *)_this)->kind);
#endif
		;
		/* merge: i = 0(467, 459, 467) */
		reached[0][459] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 468, 467) */
		reached[0][468] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 145: // STATE 460 - run.pml:44 - [(((i<length)&&(whose[i]==j)))] (467:0:2 - 1)
		IfNotBlocked
		reached[0][460] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.length))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==((int)((P0 *)_this)->j)))))
			continue;
		/* merge: kind = what[i](467, 461, 467) */
		reached[0][461] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
		((P0 *)_this)->kind = now.what[ Index(((int)((P0 *)_this)->i), 14) ];
#ifdef VAR_RANGES
		logval("one_run:kind", ((P0 *)_this)->kind);
#endif
		;
		/* merge: i = (i+1)(467, 462, 467) */
		reached[0][462] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 468, 467) */
		reached[0][468] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 146: // STATE 463 - run.pml:45 - [(((i<length)&&(whose[i]!=j)))] (467:0:1 - 1)
		IfNotBlocked
		reached[0][463] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.length))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])!=((int)((P0 *)_this)->j)))))
			continue;
		/* merge: i = (i+1)(0, 464, 467) */
		reached[0][464] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 468, 467) */
		reached[0][468] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 147: // STATE 470 - run.pml:47 - [i = 0] (0:478:1 - 3)
		IfNotBlocked
		reached[0][470] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 148: // STATE 472 - run.pml:164 - [((kind==Result))] (484:0:4 - 1)
		IfNotBlocked
		reached[0][472] = 1;
		if (!((((P0 *)_this)->kind==2)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: kind */  (trpt+1)->bup.ovals = grab_ints(4);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->kind = 0;
		/* merge: seen[((1*2)+j)] = Done(484, 473, 484) */
		reached[0][473] = 1;
		(trpt+1)->bup.ovals[1] = now.seen[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ];
		now.seen[ Index(((1*2)+((P0 *)_this)->j), 4) ] = 11;
#ifdef VAR_RANGES
		logval("seen[((1*2)+one_run:j)]", now.seen[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: .(goto)(484, 479, 484) */
		reached[0][479] = 1;
		;
		/* merge: pipe[((1*2)+j)] = Nothing(484, 480, 484) */
		reached[0][480] = 1;
		(trpt+1)->bup.ovals[2] = now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ];
		now.pipe[ Index(((1*2)+((P0 *)_this)->j), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((1*2)+one_run:j)]", now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: j = (j+1)(484, 481, 484) */
		reached[0][481] = 1;
		(trpt+1)->bup.ovals[3] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 485, 484) */
		reached[0][485] = 1;
		;
		_m = 3; goto P999; /* 5 */
	case 149: // STATE 474 - run.pml:165 - [((kind==Intent))] (484:0:4 - 1)
		IfNotBlocked
		reached[0][474] = 1;
		if (!((((P0 *)_this)->kind==3)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: kind */  (trpt+1)->bup.ovals = grab_ints(4);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->kind = 0;
		/* merge: seen[((1*2)+j)] = Unknown(484, 475, 484) */
		reached[0][475] = 1;
		(trpt+1)->bup.ovals[1] = now.seen[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ];
		now.seen[ Index(((1*2)+((P0 *)_this)->j), 4) ] = 10;
#ifdef VAR_RANGES
		logval("seen[((1*2)+one_run:j)]", now.seen[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: .(goto)(484, 479, 484) */
		reached[0][479] = 1;
		;
		/* merge: pipe[((1*2)+j)] = Nothing(484, 480, 484) */
		reached[0][480] = 1;
		(trpt+1)->bup.ovals[2] = now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ];
		now.pipe[ Index(((1*2)+((P0 *)_this)->j), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((1*2)+one_run:j)]", now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: j = (j+1)(484, 481, 484) */
		reached[0][481] = 1;
		(trpt+1)->bup.ovals[3] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 485, 484) */
		reached[0][485] = 1;
		;
		_m = 3; goto P999; /* 5 */
	case 150: // STATE 477 - run.pml:166 - [seen[((1*2)+j)] = Todo] (0:484:3 - 1)
		IfNotBlocked
		reached[0][477] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = now.seen[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ];
		now.seen[ Index(((1*2)+((P0 *)_this)->j), 4) ] = 16;
#ifdef VAR_RANGES
		logval("seen[((1*2)+one_run:j)]", now.seen[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: .(goto)(484, 479, 484) */
		reached[0][479] = 1;
		;
		/* merge: pipe[((1*2)+j)] = Nothing(484, 480, 484) */
		reached[0][480] = 1;
		(trpt+1)->bup.ovals[1] = now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ];
		now.pipe[ Index(((1*2)+((P0 *)_this)->j), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((1*2)+one_run:j)]", now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: j = (j+1)(484, 481, 484) */
		reached[0][481] = 1;
		(trpt+1)->bup.ovals[2] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 485, 484) */
		reached[0][485] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 151: // STATE 480 - run.pml:167 - [pipe[((1*2)+j)] = Nothing] (0:484:2 - 4)
		IfNotBlocked
		reached[0][480] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ];
		now.pipe[ Index(((1*2)+((P0 *)_this)->j), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((1*2)+one_run:j)]", now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: j = (j+1)(484, 481, 484) */
		reached[0][481] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 485, 484) */
		reached[0][485] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 152: // STATE 487 - run.pml:169 - [j = 0] (0:873:3 - 3)
		IfNotBlocked
		reached[0][487] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: driver[1] = Live(873, 489, 873) */
		reached[0][489] = 1;
		(trpt+1)->bup.ovals[1] = now.driver[1];
		now.driver[1] = 7;
#ifdef VAR_RANGES
		logval("driver[1]", now.driver[1]);
#endif
		;
		/* merge: runner[1] = 1(873, 490, 873) */
		reached[0][490] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.runner[1]);
		now.runner[1] = 1;
#ifdef VAR_RANGES
		logval("runner[1]", ((int)now.runner[1]));
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 153: // STATE 492 - run.pml:193 - [(((((((driver[1]==Live)&&(resumes>0))&&(resumes<3))&&!(((((seen[((1*2)+0)]==Kept)||(seen[((1*2)+0)]==Sent))||(seen[((1*2)+0)]==Answered))||(seen[((1*2)+0)]==Logged))))&&!(((((seen[((1*2)+(2-1))]==Kept)||(seen[((1*2)+(2-1))]==Sent))||(seen[((1*2)+(2-1))]==Answered))||(seen[((1*2)+(2-1))]==Logged))))&&((seen[((1*2)+0)]==Unknown)||(seen[((1*2)+(2-1))]==Unknown))))] (500:0:1 - 1)
		IfNotBlocked
		reached[0][492] = 1;
		if (!(((((((now.driver[1]==7)&&(((int)now.resumes)>0))&&(((int)now.resumes)<3))&& !(((((now.seen[ Index(((1*2)+0), 4) ]==15)||(now.seen[ Index(((1*2)+0), 4) ]==14))||(now.seen[ Index(((1*2)+0), 4) ]==13))||(now.seen[ Index(((1*2)+0), 4) ]==12))))&& !(((((now.seen[ Index(((1*2)+(2-1)), 4) ]==15)||(now.seen[ Index(((1*2)+(2-1)), 4) ]==14))||(now.seen[ Index(((1*2)+(2-1)), 4) ]==13))||(now.seen[ Index(((1*2)+(2-1)), 4) ]==12))))&&((now.seen[ Index(((1*2)+0), 4) ]==10)||(now.seen[ Index(((1*2)+(2-1)), 4) ]==10)))))
			continue;
		/* merge: driver[1] = Stopped(0, 493, 500) */
		reached[0][493] = 1;
		(trpt+1)->bup.oval = now.driver[1];
		now.driver[1] = 5;
#ifdef VAR_RANGES
		logval("driver[1]", now.driver[1]);
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 154: // STATE 494 - run.pml:67 - [((holder==1))] (873:0:1 - 1)
		IfNotBlocked
		reached[0][494] = 1;
		if (!((((int)now.holder)==1)))
			continue;
		/* merge: holder = 2(873, 495, 873) */
		reached[0][495] = 1;
		(trpt+1)->bup.oval = ((int)now.holder);
		now.holder = 2;
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: .(goto)(873, 499, 873) */
		reached[0][499] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 155: // STATE 499 - run.pml:67 - [.(goto)] (0:873:0 - 2)
		IfNotBlocked
		reached[0][499] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 156: // STATE 497 - run.pml:67 - [(1)] (873:0:0 - 1)
		IfNotBlocked
		reached[0][497] = 1;
		if (!(1))
			continue;
		/* merge: .(goto)(873, 499, 873) */
		reached[0][499] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 157: // STATE 502 - run.pml:193 - [(((deaths<3)&&((driver[1]==Live)||(driver[1]==Locked))))] (511:0:2 - 1)
		IfNotBlocked
		reached[0][502] = 1;
		if (!(((((int)now.deaths)<3)&&((now.driver[1]==7)||(now.driver[1]==8)))))
			continue;
		/* merge: deaths = (deaths+1)(511, 503, 511) */
		reached[0][503] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.deaths);
		now.deaths = (((int)now.deaths)+1);
#ifdef VAR_RANGES
		logval("deaths", ((int)now.deaths));
#endif
		;
		/* merge: driver[1] = Dead(511, 504, 511) */
		reached[0][504] = 1;
		(trpt+1)->bup.ovals[1] = now.driver[1];
		now.driver[1] = 6;
#ifdef VAR_RANGES
		logval("driver[1]", now.driver[1]);
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 158: // STATE 505 - run.pml:67 - [((holder==1))] (873:0:1 - 1)
		IfNotBlocked
		reached[0][505] = 1;
		if (!((((int)now.holder)==1)))
			continue;
		/* merge: holder = 2(873, 506, 873) */
		reached[0][506] = 1;
		(trpt+1)->bup.oval = ((int)now.holder);
		now.holder = 2;
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: .(goto)(873, 510, 873) */
		reached[0][510] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 159: // STATE 510 - run.pml:67 - [.(goto)] (0:873:0 - 2)
		IfNotBlocked
		reached[0][510] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 160: // STATE 508 - run.pml:67 - [(1)] (873:0:0 - 1)
		IfNotBlocked
		reached[0][508] = 1;
		if (!(1))
			continue;
		/* merge: .(goto)(873, 510, 873) */
		reached[0][510] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 161: // STATE 513 - run.pml:193 - [(((deaths<3)&&runner[1]))] (530:0:2 - 1)
		IfNotBlocked
		reached[0][513] = 1;
		if (!(((((int)now.deaths)<3)&&((int)now.runner[1]))))
			continue;
		/* merge: deaths = (deaths+1)(530, 514, 530) */
		reached[0][514] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.deaths);
		now.deaths = (((int)now.deaths)+1);
#ifdef VAR_RANGES
		logval("deaths", ((int)now.deaths));
#endif
		;
		/* merge: runner[1] = 0(530, 515, 530) */
		reached[0][515] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.runner[1]);
		now.runner[1] = 0;
#ifdef VAR_RANGES
		logval("runner[1]", ((int)now.runner[1]));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 162: // STATE 516 - run.pml:155 - [j = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][516] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 163: // STATE 517 - run.pml:156 - [((j<2))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][517] = 1;
		if (!((((int)((P0 *)_this)->j)<2)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 164: // STATE 518 - run.pml:156 - [(((pipe[((1*2)+j)]==Asked)||(pipe[((1*2)+j)]==Running)))] (526:0:2 - 1)
		IfNotBlocked
		reached[0][518] = 1;
		if (!(((now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ]==19)||(now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ]==18))))
			continue;
		/* merge: pipe[((1*2)+j)] = Nothing(526, 519, 526) */
		reached[0][519] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ];
		now.pipe[ Index(((1*2)+((P0 *)_this)->j), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((1*2)+one_run:j)]", now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: .(goto)(526, 522, 526) */
		reached[0][522] = 1;
		;
		/* merge: j = (j+1)(526, 523, 526) */
		reached[0][523] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 527, 526) */
		reached[0][527] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 165: // STATE 523 - run.pml:156 - [j = (j+1)] (0:526:1 - 3)
		IfNotBlocked
		reached[0][523] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 527, 526) */
		reached[0][527] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 166: // STATE 529 - run.pml:158 - [j = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][529] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 167: // STATE 532 - run.pml:193 - [((((alive[0]>0)&&(pipe[((0*2)+0)]!=Running))&&(pipe[((1*2)+0)]!=Running)))] (873:0:1 - 1)
		IfNotBlocked
		reached[0][532] = 1;
		if (!((((((int)now.alive[0])>0)&&(now.pipe[ Index(((0*2)+0), 4) ]!=18))&&(now.pipe[ Index(((1*2)+0), 4) ]!=18))))
			continue;
		/* merge: alive[0] = (alive[0]-1)(0, 533, 873) */
		reached[0][533] = 1;
		(trpt+1)->bup.oval = ((int)now.alive[0]);
		now.alive[0] = (((int)now.alive[0])-1);
#ifdef VAR_RANGES
		logval("alive[0]", ((int)now.alive[0]));
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 168: // STATE 535 - run.pml:195 - [((((driver[0]==Live)&&(seen[((0*2)+1)]==Todo))&&(length<14)))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][535] = 1;
		if (!((((now.driver[0]==7)&&(now.seen[ Index(((0*2)+1), 4) ]==16))&&(((int)now.length)<14))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 169: // STATE 536 - run.pml:195 - [((Kept==Kept))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][536] = 1;
		if (!((15==15)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 170: // STATE 537 - run.pml:65 - [what[length] = 3] (0:540:3 - 1)
		IfNotBlocked
		reached[0][537] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = now.what[ Index(((int)now.length), 14) ];
		now.what[ Index(now.length, 14) ] = 3;
#ifdef VAR_RANGES
		logval("what[length]", now.what[ Index(((int)now.length), 14) ]);
#endif
		;
		/* merge: whose[length] = 1(540, 538, 540) */
		reached[0][538] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.whose[ Index(((int)now.length), 14) ]);
		now.whose[ Index(now.length, 14) ] = 1;
#ifdef VAR_RANGES
		logval("whose[length]", ((int)now.whose[ Index(((int)now.length), 14) ]));
#endif
		;
		/* merge: length = (length+1)(540, 539, 540) */
		reached[0][539] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.length);
		now.length = (((int)now.length)+1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 171: // STATE 540 - run.pml:65 - [(1)] (873:0:1 - 1)
		IfNotBlocked
		reached[0][540] = 1;
		if (!(1))
			continue;
		/* merge: .(goto)(873, 544, 873) */
		reached[0][544] = 1;
		;
		/* merge: seen[((0*2)+1)] = Kept(873, 545, 873) */
		reached[0][545] = 1;
		(trpt+1)->bup.oval = now.seen[ Index(((0*2)+1), 4) ];
		now.seen[ Index(((0*2)+1), 4) ] = 15;
#ifdef VAR_RANGES
		logval("seen[((0*2)+1)]", now.seen[ Index(((0*2)+1), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 172: // STATE 544 - run.pml:195 - [.(goto)] (0:873:1 - 2)
		IfNotBlocked
		reached[0][544] = 1;
		;
		/* merge: seen[((0*2)+1)] = Kept(873, 545, 873) */
		reached[0][545] = 1;
		(trpt+1)->bup.oval = now.seen[ Index(((0*2)+1), 4) ];
		now.seen[ Index(((0*2)+1), 4) ] = 15;
#ifdef VAR_RANGES
		logval("seen[((0*2)+1)]", now.seen[ Index(((0*2)+1), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 173: // STATE 547 - run.pml:195 - [((((driver[0]==Live)&&(seen[((0*2)+1)]==Kept))&&runner[0]))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][547] = 1;
		if (!((((now.driver[0]==7)&&(now.seen[ Index(((0*2)+1), 4) ]==15))&&((int)now.runner[0]))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 174: // STATE 548 - run.pml:50 - [yes = 0] (0:557:2 - 1)
		IfNotBlocked
		reached[0][548] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->yes);
		((P0 *)_this)->yes = 0;
#ifdef VAR_RANGES
		logval("one_run:yes", ((int)((P0 *)_this)->yes));
#endif
		;
		/* merge: i = 0(557, 549, 557) */
		reached[0][549] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 558, 557) */
		reached[0][558] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 175: // STATE 550 - run.pml:51 - [((((i<synced)&&(whose[i]==1))&&(what[i]==3)))] (557:0:2 - 1)
		IfNotBlocked
		reached[0][550] = 1;
		if (!((((((int)((P0 *)_this)->i)<((int)now.synced))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==1))&&(now.what[ Index(((int)((P0 *)_this)->i), 14) ]==3))))
			continue;
		/* merge: yes = 1(557, 551, 557) */
		reached[0][551] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->yes);
		((P0 *)_this)->yes = 1;
#ifdef VAR_RANGES
		logval("one_run:yes", ((int)((P0 *)_this)->yes));
#endif
		;
		/* merge: i = (i+1)(557, 552, 557) */
		reached[0][552] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 558, 557) */
		reached[0][558] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 176: // STATE 553 - run.pml:52 - [(((i<synced)&&!(((whose[i]==1)&&(what[i]==3)))))] (557:0:1 - 1)
		IfNotBlocked
		reached[0][553] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.synced))&& !(((((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==1)&&(now.what[ Index(((int)((P0 *)_this)->i), 14) ]==3))))))
			continue;
		/* merge: i = (i+1)(0, 554, 557) */
		reached[0][554] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 558, 557) */
		reached[0][558] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 177: // STATE 560 - run.pml:54 - [i = 0] (0:566:1 - 3)
		IfNotBlocked
		reached[0][560] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 178: // STATE 562 - run.pml:195 - [(yes)] (873:0:3 - 1)
		IfNotBlocked
		reached[0][562] = 1;
		if (!(((int)((P0 *)_this)->yes)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: yes */  (trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->yes;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->yes = 0;
		/* merge: pipe[((0*2)+1)] = Asked(873, 563, 873) */
		reached[0][563] = 1;
		(trpt+1)->bup.ovals[1] = now.pipe[ Index(((0*2)+1), 4) ];
		now.pipe[ Index(((0*2)+1), 4) ] = 19;
#ifdef VAR_RANGES
		logval("pipe[((0*2)+1)]", now.pipe[ Index(((0*2)+1), 4) ]);
#endif
		;
		/* merge: seen[((0*2)+1)] = Sent(873, 564, 873) */
		reached[0][564] = 1;
		(trpt+1)->bup.ovals[2] = now.seen[ Index(((0*2)+1), 4) ];
		now.seen[ Index(((0*2)+1), 4) ] = 14;
#ifdef VAR_RANGES
		logval("seen[((0*2)+1)]", now.seen[ Index(((0*2)+1), 4) ]);
#endif
		;
		/* merge: .(goto)(873, 567, 873) */
		reached[0][567] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 179: // STATE 567 - run.pml:195 - [.(goto)] (0:873:0 - 2)
		IfNotBlocked
		reached[0][567] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 180: // STATE 569 - run.pml:195 - [((((driver[0]==Live)&&(seen[((0*2)+1)]==Sent))&&(pipe[((0*2)+1)]==Said)))] (873:0:2 - 1)
		IfNotBlocked
		reached[0][569] = 1;
		if (!((((now.driver[0]==7)&&(now.seen[ Index(((0*2)+1), 4) ]==14))&&(now.pipe[ Index(((0*2)+1), 4) ]==17))))
			continue;
		/* merge: pipe[((0*2)+1)] = Nothing(873, 570, 873) */
		reached[0][570] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = now.pipe[ Index(((0*2)+1), 4) ];
		now.pipe[ Index(((0*2)+1), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((0*2)+1)]", now.pipe[ Index(((0*2)+1), 4) ]);
#endif
		;
		/* merge: seen[((0*2)+1)] = Answered(873, 571, 873) */
		reached[0][571] = 1;
		(trpt+1)->bup.ovals[1] = now.seen[ Index(((0*2)+1), 4) ];
		now.seen[ Index(((0*2)+1), 4) ] = 13;
#ifdef VAR_RANGES
		logval("seen[((0*2)+1)]", now.seen[ Index(((0*2)+1), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 181: // STATE 573 - run.pml:195 - [((((driver[0]==Live)&&(seen[((0*2)+1)]==Answered))&&(length<14)))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][573] = 1;
		if (!((((now.driver[0]==7)&&(now.seen[ Index(((0*2)+1), 4) ]==13))&&(((int)now.length)<14))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 182: // STATE 574 - run.pml:43 - [kind = 0] (0:583:2 - 1)
		IfNotBlocked
		reached[0][574] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
		((P0 *)_this)->kind = 0;
#ifdef VAR_RANGES
		logval("one_run:kind", ((P0 *)_this)->kind);
#endif
		;
		/* merge: i = 0(583, 575, 583) */
		reached[0][575] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 584, 583) */
		reached[0][584] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 183: // STATE 576 - run.pml:44 - [(((i<length)&&(whose[i]==1)))] (583:0:2 - 1)
		IfNotBlocked
		reached[0][576] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.length))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==1))))
			continue;
		/* merge: kind = what[i](583, 577, 583) */
		reached[0][577] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
		((P0 *)_this)->kind = now.what[ Index(((int)((P0 *)_this)->i), 14) ];
#ifdef VAR_RANGES
		logval("one_run:kind", ((P0 *)_this)->kind);
#endif
		;
		/* merge: i = (i+1)(583, 578, 583) */
		reached[0][578] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 584, 583) */
		reached[0][584] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 184: // STATE 579 - run.pml:45 - [(((i<length)&&(whose[i]!=1)))] (583:0:1 - 1)
		IfNotBlocked
		reached[0][579] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.length))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])!=1))))
			continue;
		/* merge: i = (i+1)(0, 580, 583) */
		reached[0][580] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 584, 583) */
		reached[0][584] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 185: // STATE 586 - run.pml:47 - [i = 0] (0:593:1 - 3)
		IfNotBlocked
		reached[0][586] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: assert((kind==Intent))(593, 588, 593) */
		reached[0][588] = 1;
		spin_assert((((P0 *)_this)->kind==3), "(kind==3)", II, tt, t);
		_m = 3; goto P999; /* 1 */
	case 186: // STATE 589 - run.pml:65 - [what[length] = 2] (0:592:3 - 1)
		IfNotBlocked
		reached[0][589] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = now.what[ Index(((int)now.length), 14) ];
		now.what[ Index(now.length, 14) ] = 2;
#ifdef VAR_RANGES
		logval("what[length]", now.what[ Index(((int)now.length), 14) ]);
#endif
		;
		/* merge: whose[length] = 1(592, 590, 592) */
		reached[0][590] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.whose[ Index(((int)now.length), 14) ]);
		now.whose[ Index(now.length, 14) ] = 1;
#ifdef VAR_RANGES
		logval("whose[length]", ((int)now.whose[ Index(((int)now.length), 14) ]));
#endif
		;
		/* merge: length = (length+1)(592, 591, 592) */
		reached[0][591] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.length);
		now.length = (((int)now.length)+1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 187: // STATE 592 - run.pml:65 - [(1)] (873:0:1 - 1)
		IfNotBlocked
		reached[0][592] = 1;
		if (!(1))
			continue;
		/* merge: seen[((0*2)+1)] = Logged(0, 594, 873) */
		reached[0][594] = 1;
		(trpt+1)->bup.oval = now.seen[ Index(((0*2)+1), 4) ];
		now.seen[ Index(((0*2)+1), 4) ] = 12;
#ifdef VAR_RANGES
		logval("seen[((0*2)+1)]", now.seen[ Index(((0*2)+1), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 188: // STATE 596 - run.pml:195 - [(((driver[0]==Live)&&(seen[((0*2)+1)]==Logged)))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][596] = 1;
		if (!(((now.driver[0]==7)&&(now.seen[ Index(((0*2)+1), 4) ]==12))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 189: // STATE 597 - run.pml:50 - [yes = 0] (0:606:2 - 1)
		IfNotBlocked
		reached[0][597] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->yes);
		((P0 *)_this)->yes = 0;
#ifdef VAR_RANGES
		logval("one_run:yes", ((int)((P0 *)_this)->yes));
#endif
		;
		/* merge: i = 0(606, 598, 606) */
		reached[0][598] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 607, 606) */
		reached[0][607] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 190: // STATE 599 - run.pml:51 - [((((i<synced)&&(whose[i]==1))&&(what[i]==2)))] (606:0:2 - 1)
		IfNotBlocked
		reached[0][599] = 1;
		if (!((((((int)((P0 *)_this)->i)<((int)now.synced))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==1))&&(now.what[ Index(((int)((P0 *)_this)->i), 14) ]==2))))
			continue;
		/* merge: yes = 1(606, 600, 606) */
		reached[0][600] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->yes);
		((P0 *)_this)->yes = 1;
#ifdef VAR_RANGES
		logval("one_run:yes", ((int)((P0 *)_this)->yes));
#endif
		;
		/* merge: i = (i+1)(606, 601, 606) */
		reached[0][601] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 607, 606) */
		reached[0][607] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 191: // STATE 602 - run.pml:52 - [(((i<synced)&&!(((whose[i]==1)&&(what[i]==2)))))] (606:0:1 - 1)
		IfNotBlocked
		reached[0][602] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.synced))&& !(((((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==1)&&(now.what[ Index(((int)((P0 *)_this)->i), 14) ]==2))))))
			continue;
		/* merge: i = (i+1)(0, 603, 606) */
		reached[0][603] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 607, 606) */
		reached[0][607] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 192: // STATE 609 - run.pml:54 - [i = 0] (0:615:1 - 3)
		IfNotBlocked
		reached[0][609] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 193: // STATE 611 - run.pml:195 - [(yes)] (873:0:3 - 1)
		IfNotBlocked
		reached[0][611] = 1;
		if (!(((int)((P0 *)_this)->yes)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: yes */  (trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->yes;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->yes = 0;
		/* merge: announced[1] = 1(873, 612, 873) */
		reached[0][612] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.announced[1]);
		now.announced[1] = 1;
#ifdef VAR_RANGES
		logval("announced[1]", ((int)now.announced[1]));
#endif
		;
		/* merge: seen[((0*2)+1)] = Done(873, 613, 873) */
		reached[0][613] = 1;
		(trpt+1)->bup.ovals[2] = now.seen[ Index(((0*2)+1), 4) ];
		now.seen[ Index(((0*2)+1), 4) ] = 11;
#ifdef VAR_RANGES
		logval("seen[((0*2)+1)]", now.seen[ Index(((0*2)+1), 4) ]);
#endif
		;
		/* merge: .(goto)(873, 616, 873) */
		reached[0][616] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 194: // STATE 616 - run.pml:195 - [.(goto)] (0:873:0 - 2)
		IfNotBlocked
		reached[0][616] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 195: // STATE 618 - run.pml:195 - [(((((driver[0]==Live)&&!(runner[0]))&&(seen[((0*2)+1)]==Sent))&&(pipe[((0*2)+1)]!=Said)))] (873:0:3 - 1)
		IfNotBlocked
		reached[0][618] = 1;
		if (!(((((now.driver[0]==7)&& !(((int)now.runner[0])))&&(now.seen[ Index(((0*2)+1), 4) ]==14))&&(now.pipe[ Index(((0*2)+1), 4) ]!=17))))
			continue;
		/* merge: assert((pipe[((0*2)+1)]!=Said))(873, 619, 873) */
		reached[0][619] = 1;
		spin_assert((now.pipe[ Index(((0*2)+1), 4) ]!=17), "(pipe[((0*2)+1)]!=17)", II, tt, t);
		/* merge: seen[((0*2)+1)] = Unknown(873, 620, 873) */
		reached[0][620] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = now.seen[ Index(((0*2)+1), 4) ];
		now.seen[ Index(((0*2)+1), 4) ] = 10;
#ifdef VAR_RANGES
		logval("seen[((0*2)+1)]", now.seen[ Index(((0*2)+1), 4) ]);
#endif
		;
		/* merge: pipe[((0*2)+1)] = Nothing(873, 621, 873) */
		reached[0][621] = 1;
		(trpt+1)->bup.ovals[1] = now.pipe[ Index(((0*2)+1), 4) ];
		now.pipe[ Index(((0*2)+1), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((0*2)+1)]", now.pipe[ Index(((0*2)+1), 4) ]);
#endif
		;
		/* merge: alive[1] = 0(873, 622, 873) */
		reached[0][622] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.alive[1]);
		now.alive[1] = 0;
#ifdef VAR_RANGES
		logval("alive[1]", ((int)now.alive[1]));
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 5 */
	case 196: // STATE 624 - run.pml:195 - [((((driver[0]==Live)&&!(runner[0]))&&(seen[((0*2)+1)]==Kept)))] (873:0:1 - 1)
		IfNotBlocked
		reached[0][624] = 1;
		if (!((((now.driver[0]==7)&& !(((int)now.runner[0])))&&(now.seen[ Index(((0*2)+1), 4) ]==15))))
			continue;
		/* merge: seen[((0*2)+1)] = Unknown(0, 625, 873) */
		reached[0][625] = 1;
		(trpt+1)->bup.oval = now.seen[ Index(((0*2)+1), 4) ];
		now.seen[ Index(((0*2)+1), 4) ] = 10;
#ifdef VAR_RANGES
		logval("seen[((0*2)+1)]", now.seen[ Index(((0*2)+1), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 197: // STATE 627 - run.pml:195 - [((runner[0]&&(pipe[((0*2)+1)]==Asked)))] (873:0:3 - 1)
		IfNotBlocked
		reached[0][627] = 1;
		if (!((((int)now.runner[0])&&(now.pipe[ Index(((0*2)+1), 4) ]==19))))
			continue;
		/* merge: effects[1] = (effects[1]+1)(873, 628, 873) */
		reached[0][628] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.effects[1]);
		now.effects[1] = (((int)now.effects[1])+1);
#ifdef VAR_RANGES
		logval("effects[1]", ((int)now.effects[1]));
#endif
		;
		/* merge: alive[1] = (alive[1]+1)(873, 629, 873) */
		reached[0][629] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.alive[1]);
		now.alive[1] = (((int)now.alive[1])+1);
#ifdef VAR_RANGES
		logval("alive[1]", ((int)now.alive[1]));
#endif
		;
		/* merge: pipe[((0*2)+1)] = Running(873, 630, 873) */
		reached[0][630] = 1;
		(trpt+1)->bup.ovals[2] = now.pipe[ Index(((0*2)+1), 4) ];
		now.pipe[ Index(((0*2)+1), 4) ] = 18;
#ifdef VAR_RANGES
		logval("pipe[((0*2)+1)]", now.pipe[ Index(((0*2)+1), 4) ]);
#endif
		;
		/* merge: assert((effects[1]<=(1+orders[1])))(873, 631, 873) */
		reached[0][631] = 1;
		spin_assert((((int)now.effects[1])<=(1+((int)now.orders[1]))), "(effects[1]<=(1+orders[1]))", II, tt, t);
		/* merge: assert((alive[1]<=1))(873, 632, 873) */
		reached[0][632] = 1;
		spin_assert((((int)now.alive[1])<=1), "(alive[1]<=1)", II, tt, t);
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 6 */
	case 198: // STATE 634 - run.pml:195 - [((runner[0]&&(pipe[((0*2)+1)]==Running)))] (873:0:3 - 1)
		IfNotBlocked
		reached[0][634] = 1;
		if (!((((int)now.runner[0])&&(now.pipe[ Index(((0*2)+1), 4) ]==18))))
			continue;
		/* merge: alive[1] = (alive[1]-1)(873, 635, 873) */
		reached[0][635] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.alive[1]);
		now.alive[1] = (((int)now.alive[1])-1);
#ifdef VAR_RANGES
		logval("alive[1]", ((int)now.alive[1]));
#endif
		;
		/* merge: completed[1] = 1(873, 636, 873) */
		reached[0][636] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.completed[1]);
		now.completed[1] = 1;
#ifdef VAR_RANGES
		logval("completed[1]", ((int)now.completed[1]));
#endif
		;
		/* merge: pipe[((0*2)+1)] = Said(873, 637, 873) */
		reached[0][637] = 1;
		(trpt+1)->bup.ovals[2] = now.pipe[ Index(((0*2)+1), 4) ];
		now.pipe[ Index(((0*2)+1), 4) ] = 17;
#ifdef VAR_RANGES
		logval("pipe[((0*2)+1)]", now.pipe[ Index(((0*2)+1), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 199: // STATE 639 - run.pml:195 - [(((((driver[0]==Live)&&(resumes>0))&&(seen[((0*2)+1)]==Unknown))&&(length<14)))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][639] = 1;
		if (!(((((now.driver[0]==7)&&(((int)now.resumes)>0))&&(now.seen[ Index(((0*2)+1), 4) ]==10))&&(((int)now.length)<14))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 200: // STATE 640 - run.pml:43 - [kind = 0] (0:649:2 - 1)
		IfNotBlocked
		reached[0][640] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
		((P0 *)_this)->kind = 0;
#ifdef VAR_RANGES
		logval("one_run:kind", ((P0 *)_this)->kind);
#endif
		;
		/* merge: i = 0(649, 641, 649) */
		reached[0][641] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 650, 649) */
		reached[0][650] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 201: // STATE 642 - run.pml:44 - [(((i<length)&&(whose[i]==1)))] (649:0:2 - 1)
		IfNotBlocked
		reached[0][642] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.length))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==1))))
			continue;
		/* merge: kind = what[i](649, 643, 649) */
		reached[0][643] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
		((P0 *)_this)->kind = now.what[ Index(((int)((P0 *)_this)->i), 14) ];
#ifdef VAR_RANGES
		logval("one_run:kind", ((P0 *)_this)->kind);
#endif
		;
		/* merge: i = (i+1)(649, 644, 649) */
		reached[0][644] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 650, 649) */
		reached[0][650] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 202: // STATE 645 - run.pml:45 - [(((i<length)&&(whose[i]!=1)))] (649:0:1 - 1)
		IfNotBlocked
		reached[0][645] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.length))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])!=1))))
			continue;
		/* merge: i = (i+1)(0, 646, 649) */
		reached[0][646] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 650, 649) */
		reached[0][650] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 203: // STATE 652 - run.pml:47 - [i = 0] (0:663:1 - 3)
		IfNotBlocked
		reached[0][652] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 204: // STATE 654 - run.pml:195 - [((kind==Intent))] (660:0:2 - 1)
		IfNotBlocked
		reached[0][654] = 1;
		if (!((((P0 *)_this)->kind==3)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: kind */  (trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->kind = 0;
		/* merge: orders[1] = (orders[1]+1)(0, 655, 660) */
		reached[0][655] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.orders[1]);
		now.orders[1] = (((int)now.orders[1])+1);
#ifdef VAR_RANGES
		logval("orders[1]", ((int)now.orders[1]));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 205: // STATE 656 - run.pml:65 - [what[length] = 1] (0:659:3 - 1)
		IfNotBlocked
		reached[0][656] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = now.what[ Index(((int)now.length), 14) ];
		now.what[ Index(now.length, 14) ] = 1;
#ifdef VAR_RANGES
		logval("what[length]", now.what[ Index(((int)now.length), 14) ]);
#endif
		;
		/* merge: whose[length] = 1(659, 657, 659) */
		reached[0][657] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.whose[ Index(((int)now.length), 14) ]);
		now.whose[ Index(now.length, 14) ] = 1;
#ifdef VAR_RANGES
		logval("whose[length]", ((int)now.whose[ Index(((int)now.length), 14) ]));
#endif
		;
		/* merge: length = (length+1)(659, 658, 659) */
		reached[0][658] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.length);
		now.length = (((int)now.length)+1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 206: // STATE 659 - run.pml:65 - [(1)] (873:0:1 - 1)
		IfNotBlocked
		reached[0][659] = 1;
		if (!(1))
			continue;
		/* merge: seen[((0*2)+1)] = Todo(873, 661, 873) */
		reached[0][661] = 1;
		(trpt+1)->bup.oval = now.seen[ Index(((0*2)+1), 4) ];
		now.seen[ Index(((0*2)+1), 4) ] = 16;
#ifdef VAR_RANGES
		logval("seen[((0*2)+1)]", now.seen[ Index(((0*2)+1), 4) ]);
#endif
		;
		/* merge: .(goto)(873, 664, 873) */
		reached[0][664] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 207: // STATE 664 - run.pml:195 - [.(goto)] (0:873:0 - 2)
		IfNotBlocked
		reached[0][664] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 208: // STATE 666 - run.pml:195 - [((((driver[1]==Live)&&(seen[((1*2)+1)]==Todo))&&(length<14)))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][666] = 1;
		if (!((((now.driver[1]==7)&&(now.seen[ Index(((1*2)+1), 4) ]==16))&&(((int)now.length)<14))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 209: // STATE 667 - run.pml:195 - [((Kept==Kept))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][667] = 1;
		if (!((15==15)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 210: // STATE 668 - run.pml:65 - [what[length] = 3] (0:671:3 - 1)
		IfNotBlocked
		reached[0][668] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = now.what[ Index(((int)now.length), 14) ];
		now.what[ Index(now.length, 14) ] = 3;
#ifdef VAR_RANGES
		logval("what[length]", now.what[ Index(((int)now.length), 14) ]);
#endif
		;
		/* merge: whose[length] = 1(671, 669, 671) */
		reached[0][669] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.whose[ Index(((int)now.length), 14) ]);
		now.whose[ Index(now.length, 14) ] = 1;
#ifdef VAR_RANGES
		logval("whose[length]", ((int)now.whose[ Index(((int)now.length), 14) ]));
#endif
		;
		/* merge: length = (length+1)(671, 670, 671) */
		reached[0][670] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.length);
		now.length = (((int)now.length)+1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 211: // STATE 671 - run.pml:65 - [(1)] (873:0:1 - 1)
		IfNotBlocked
		reached[0][671] = 1;
		if (!(1))
			continue;
		/* merge: .(goto)(873, 675, 873) */
		reached[0][675] = 1;
		;
		/* merge: seen[((1*2)+1)] = Kept(873, 676, 873) */
		reached[0][676] = 1;
		(trpt+1)->bup.oval = now.seen[ Index(((1*2)+1), 4) ];
		now.seen[ Index(((1*2)+1), 4) ] = 15;
#ifdef VAR_RANGES
		logval("seen[((1*2)+1)]", now.seen[ Index(((1*2)+1), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 212: // STATE 675 - run.pml:195 - [.(goto)] (0:873:1 - 2)
		IfNotBlocked
		reached[0][675] = 1;
		;
		/* merge: seen[((1*2)+1)] = Kept(873, 676, 873) */
		reached[0][676] = 1;
		(trpt+1)->bup.oval = now.seen[ Index(((1*2)+1), 4) ];
		now.seen[ Index(((1*2)+1), 4) ] = 15;
#ifdef VAR_RANGES
		logval("seen[((1*2)+1)]", now.seen[ Index(((1*2)+1), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 213: // STATE 678 - run.pml:195 - [((((driver[1]==Live)&&(seen[((1*2)+1)]==Kept))&&runner[1]))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][678] = 1;
		if (!((((now.driver[1]==7)&&(now.seen[ Index(((1*2)+1), 4) ]==15))&&((int)now.runner[1]))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 214: // STATE 679 - run.pml:50 - [yes = 0] (0:688:2 - 1)
		IfNotBlocked
		reached[0][679] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->yes);
		((P0 *)_this)->yes = 0;
#ifdef VAR_RANGES
		logval("one_run:yes", ((int)((P0 *)_this)->yes));
#endif
		;
		/* merge: i = 0(688, 680, 688) */
		reached[0][680] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 689, 688) */
		reached[0][689] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 215: // STATE 681 - run.pml:51 - [((((i<synced)&&(whose[i]==1))&&(what[i]==3)))] (688:0:2 - 1)
		IfNotBlocked
		reached[0][681] = 1;
		if (!((((((int)((P0 *)_this)->i)<((int)now.synced))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==1))&&(now.what[ Index(((int)((P0 *)_this)->i), 14) ]==3))))
			continue;
		/* merge: yes = 1(688, 682, 688) */
		reached[0][682] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->yes);
		((P0 *)_this)->yes = 1;
#ifdef VAR_RANGES
		logval("one_run:yes", ((int)((P0 *)_this)->yes));
#endif
		;
		/* merge: i = (i+1)(688, 683, 688) */
		reached[0][683] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 689, 688) */
		reached[0][689] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 216: // STATE 684 - run.pml:52 - [(((i<synced)&&!(((whose[i]==1)&&(what[i]==3)))))] (688:0:1 - 1)
		IfNotBlocked
		reached[0][684] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.synced))&& !(((((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==1)&&(now.what[ Index(((int)((P0 *)_this)->i), 14) ]==3))))))
			continue;
		/* merge: i = (i+1)(0, 685, 688) */
		reached[0][685] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 689, 688) */
		reached[0][689] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 217: // STATE 691 - run.pml:54 - [i = 0] (0:697:1 - 3)
		IfNotBlocked
		reached[0][691] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 218: // STATE 693 - run.pml:195 - [(yes)] (873:0:3 - 1)
		IfNotBlocked
		reached[0][693] = 1;
		if (!(((int)((P0 *)_this)->yes)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: yes */  (trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->yes;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->yes = 0;
		/* merge: pipe[((1*2)+1)] = Asked(873, 694, 873) */
		reached[0][694] = 1;
		(trpt+1)->bup.ovals[1] = now.pipe[ Index(((1*2)+1), 4) ];
		now.pipe[ Index(((1*2)+1), 4) ] = 19;
#ifdef VAR_RANGES
		logval("pipe[((1*2)+1)]", now.pipe[ Index(((1*2)+1), 4) ]);
#endif
		;
		/* merge: seen[((1*2)+1)] = Sent(873, 695, 873) */
		reached[0][695] = 1;
		(trpt+1)->bup.ovals[2] = now.seen[ Index(((1*2)+1), 4) ];
		now.seen[ Index(((1*2)+1), 4) ] = 14;
#ifdef VAR_RANGES
		logval("seen[((1*2)+1)]", now.seen[ Index(((1*2)+1), 4) ]);
#endif
		;
		/* merge: .(goto)(873, 698, 873) */
		reached[0][698] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 219: // STATE 698 - run.pml:195 - [.(goto)] (0:873:0 - 2)
		IfNotBlocked
		reached[0][698] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 220: // STATE 700 - run.pml:195 - [((((driver[1]==Live)&&(seen[((1*2)+1)]==Sent))&&(pipe[((1*2)+1)]==Said)))] (873:0:2 - 1)
		IfNotBlocked
		reached[0][700] = 1;
		if (!((((now.driver[1]==7)&&(now.seen[ Index(((1*2)+1), 4) ]==14))&&(now.pipe[ Index(((1*2)+1), 4) ]==17))))
			continue;
		/* merge: pipe[((1*2)+1)] = Nothing(873, 701, 873) */
		reached[0][701] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = now.pipe[ Index(((1*2)+1), 4) ];
		now.pipe[ Index(((1*2)+1), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((1*2)+1)]", now.pipe[ Index(((1*2)+1), 4) ]);
#endif
		;
		/* merge: seen[((1*2)+1)] = Answered(873, 702, 873) */
		reached[0][702] = 1;
		(trpt+1)->bup.ovals[1] = now.seen[ Index(((1*2)+1), 4) ];
		now.seen[ Index(((1*2)+1), 4) ] = 13;
#ifdef VAR_RANGES
		logval("seen[((1*2)+1)]", now.seen[ Index(((1*2)+1), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 221: // STATE 704 - run.pml:195 - [((((driver[1]==Live)&&(seen[((1*2)+1)]==Answered))&&(length<14)))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][704] = 1;
		if (!((((now.driver[1]==7)&&(now.seen[ Index(((1*2)+1), 4) ]==13))&&(((int)now.length)<14))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 222: // STATE 705 - run.pml:43 - [kind = 0] (0:714:2 - 1)
		IfNotBlocked
		reached[0][705] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
		((P0 *)_this)->kind = 0;
#ifdef VAR_RANGES
		logval("one_run:kind", ((P0 *)_this)->kind);
#endif
		;
		/* merge: i = 0(714, 706, 714) */
		reached[0][706] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 715, 714) */
		reached[0][715] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 223: // STATE 707 - run.pml:44 - [(((i<length)&&(whose[i]==1)))] (714:0:2 - 1)
		IfNotBlocked
		reached[0][707] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.length))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==1))))
			continue;
		/* merge: kind = what[i](714, 708, 714) */
		reached[0][708] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
		((P0 *)_this)->kind = now.what[ Index(((int)((P0 *)_this)->i), 14) ];
#ifdef VAR_RANGES
		logval("one_run:kind", ((P0 *)_this)->kind);
#endif
		;
		/* merge: i = (i+1)(714, 709, 714) */
		reached[0][709] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 715, 714) */
		reached[0][715] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 224: // STATE 710 - run.pml:45 - [(((i<length)&&(whose[i]!=1)))] (714:0:1 - 1)
		IfNotBlocked
		reached[0][710] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.length))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])!=1))))
			continue;
		/* merge: i = (i+1)(0, 711, 714) */
		reached[0][711] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 715, 714) */
		reached[0][715] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 225: // STATE 717 - run.pml:47 - [i = 0] (0:724:1 - 3)
		IfNotBlocked
		reached[0][717] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: assert((kind==Intent))(724, 719, 724) */
		reached[0][719] = 1;
		spin_assert((((P0 *)_this)->kind==3), "(kind==3)", II, tt, t);
		_m = 3; goto P999; /* 1 */
	case 226: // STATE 720 - run.pml:65 - [what[length] = 2] (0:723:3 - 1)
		IfNotBlocked
		reached[0][720] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = now.what[ Index(((int)now.length), 14) ];
		now.what[ Index(now.length, 14) ] = 2;
#ifdef VAR_RANGES
		logval("what[length]", now.what[ Index(((int)now.length), 14) ]);
#endif
		;
		/* merge: whose[length] = 1(723, 721, 723) */
		reached[0][721] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.whose[ Index(((int)now.length), 14) ]);
		now.whose[ Index(now.length, 14) ] = 1;
#ifdef VAR_RANGES
		logval("whose[length]", ((int)now.whose[ Index(((int)now.length), 14) ]));
#endif
		;
		/* merge: length = (length+1)(723, 722, 723) */
		reached[0][722] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.length);
		now.length = (((int)now.length)+1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 227: // STATE 723 - run.pml:65 - [(1)] (873:0:1 - 1)
		IfNotBlocked
		reached[0][723] = 1;
		if (!(1))
			continue;
		/* merge: seen[((1*2)+1)] = Logged(0, 725, 873) */
		reached[0][725] = 1;
		(trpt+1)->bup.oval = now.seen[ Index(((1*2)+1), 4) ];
		now.seen[ Index(((1*2)+1), 4) ] = 12;
#ifdef VAR_RANGES
		logval("seen[((1*2)+1)]", now.seen[ Index(((1*2)+1), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 228: // STATE 727 - run.pml:195 - [(((driver[1]==Live)&&(seen[((1*2)+1)]==Logged)))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][727] = 1;
		if (!(((now.driver[1]==7)&&(now.seen[ Index(((1*2)+1), 4) ]==12))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 229: // STATE 728 - run.pml:50 - [yes = 0] (0:737:2 - 1)
		IfNotBlocked
		reached[0][728] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->yes);
		((P0 *)_this)->yes = 0;
#ifdef VAR_RANGES
		logval("one_run:yes", ((int)((P0 *)_this)->yes));
#endif
		;
		/* merge: i = 0(737, 729, 737) */
		reached[0][729] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 738, 737) */
		reached[0][738] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 230: // STATE 730 - run.pml:51 - [((((i<synced)&&(whose[i]==1))&&(what[i]==2)))] (737:0:2 - 1)
		IfNotBlocked
		reached[0][730] = 1;
		if (!((((((int)((P0 *)_this)->i)<((int)now.synced))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==1))&&(now.what[ Index(((int)((P0 *)_this)->i), 14) ]==2))))
			continue;
		/* merge: yes = 1(737, 731, 737) */
		reached[0][731] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->yes);
		((P0 *)_this)->yes = 1;
#ifdef VAR_RANGES
		logval("one_run:yes", ((int)((P0 *)_this)->yes));
#endif
		;
		/* merge: i = (i+1)(737, 732, 737) */
		reached[0][732] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 738, 737) */
		reached[0][738] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 231: // STATE 733 - run.pml:52 - [(((i<synced)&&!(((whose[i]==1)&&(what[i]==2)))))] (737:0:1 - 1)
		IfNotBlocked
		reached[0][733] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.synced))&& !(((((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==1)&&(now.what[ Index(((int)((P0 *)_this)->i), 14) ]==2))))))
			continue;
		/* merge: i = (i+1)(0, 734, 737) */
		reached[0][734] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 738, 737) */
		reached[0][738] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 232: // STATE 740 - run.pml:54 - [i = 0] (0:746:1 - 3)
		IfNotBlocked
		reached[0][740] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 233: // STATE 742 - run.pml:195 - [(yes)] (873:0:3 - 1)
		IfNotBlocked
		reached[0][742] = 1;
		if (!(((int)((P0 *)_this)->yes)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: yes */  (trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->yes;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->yes = 0;
		/* merge: announced[1] = 1(873, 743, 873) */
		reached[0][743] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.announced[1]);
		now.announced[1] = 1;
#ifdef VAR_RANGES
		logval("announced[1]", ((int)now.announced[1]));
#endif
		;
		/* merge: seen[((1*2)+1)] = Done(873, 744, 873) */
		reached[0][744] = 1;
		(trpt+1)->bup.ovals[2] = now.seen[ Index(((1*2)+1), 4) ];
		now.seen[ Index(((1*2)+1), 4) ] = 11;
#ifdef VAR_RANGES
		logval("seen[((1*2)+1)]", now.seen[ Index(((1*2)+1), 4) ]);
#endif
		;
		/* merge: .(goto)(873, 747, 873) */
		reached[0][747] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 234: // STATE 747 - run.pml:195 - [.(goto)] (0:873:0 - 2)
		IfNotBlocked
		reached[0][747] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 235: // STATE 749 - run.pml:195 - [(((((driver[1]==Live)&&!(runner[1]))&&(seen[((1*2)+1)]==Sent))&&(pipe[((1*2)+1)]!=Said)))] (873:0:3 - 1)
		IfNotBlocked
		reached[0][749] = 1;
		if (!(((((now.driver[1]==7)&& !(((int)now.runner[1])))&&(now.seen[ Index(((1*2)+1), 4) ]==14))&&(now.pipe[ Index(((1*2)+1), 4) ]!=17))))
			continue;
		/* merge: assert((pipe[((1*2)+1)]!=Said))(873, 750, 873) */
		reached[0][750] = 1;
		spin_assert((now.pipe[ Index(((1*2)+1), 4) ]!=17), "(pipe[((1*2)+1)]!=17)", II, tt, t);
		/* merge: seen[((1*2)+1)] = Unknown(873, 751, 873) */
		reached[0][751] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = now.seen[ Index(((1*2)+1), 4) ];
		now.seen[ Index(((1*2)+1), 4) ] = 10;
#ifdef VAR_RANGES
		logval("seen[((1*2)+1)]", now.seen[ Index(((1*2)+1), 4) ]);
#endif
		;
		/* merge: pipe[((1*2)+1)] = Nothing(873, 752, 873) */
		reached[0][752] = 1;
		(trpt+1)->bup.ovals[1] = now.pipe[ Index(((1*2)+1), 4) ];
		now.pipe[ Index(((1*2)+1), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((1*2)+1)]", now.pipe[ Index(((1*2)+1), 4) ]);
#endif
		;
		/* merge: alive[1] = 0(873, 753, 873) */
		reached[0][753] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.alive[1]);
		now.alive[1] = 0;
#ifdef VAR_RANGES
		logval("alive[1]", ((int)now.alive[1]));
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 5 */
	case 236: // STATE 755 - run.pml:195 - [((((driver[1]==Live)&&!(runner[1]))&&(seen[((1*2)+1)]==Kept)))] (873:0:1 - 1)
		IfNotBlocked
		reached[0][755] = 1;
		if (!((((now.driver[1]==7)&& !(((int)now.runner[1])))&&(now.seen[ Index(((1*2)+1), 4) ]==15))))
			continue;
		/* merge: seen[((1*2)+1)] = Unknown(0, 756, 873) */
		reached[0][756] = 1;
		(trpt+1)->bup.oval = now.seen[ Index(((1*2)+1), 4) ];
		now.seen[ Index(((1*2)+1), 4) ] = 10;
#ifdef VAR_RANGES
		logval("seen[((1*2)+1)]", now.seen[ Index(((1*2)+1), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 237: // STATE 758 - run.pml:195 - [((runner[1]&&(pipe[((1*2)+1)]==Asked)))] (873:0:3 - 1)
		IfNotBlocked
		reached[0][758] = 1;
		if (!((((int)now.runner[1])&&(now.pipe[ Index(((1*2)+1), 4) ]==19))))
			continue;
		/* merge: effects[1] = (effects[1]+1)(873, 759, 873) */
		reached[0][759] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.effects[1]);
		now.effects[1] = (((int)now.effects[1])+1);
#ifdef VAR_RANGES
		logval("effects[1]", ((int)now.effects[1]));
#endif
		;
		/* merge: alive[1] = (alive[1]+1)(873, 760, 873) */
		reached[0][760] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.alive[1]);
		now.alive[1] = (((int)now.alive[1])+1);
#ifdef VAR_RANGES
		logval("alive[1]", ((int)now.alive[1]));
#endif
		;
		/* merge: pipe[((1*2)+1)] = Running(873, 761, 873) */
		reached[0][761] = 1;
		(trpt+1)->bup.ovals[2] = now.pipe[ Index(((1*2)+1), 4) ];
		now.pipe[ Index(((1*2)+1), 4) ] = 18;
#ifdef VAR_RANGES
		logval("pipe[((1*2)+1)]", now.pipe[ Index(((1*2)+1), 4) ]);
#endif
		;
		/* merge: assert((effects[1]<=(1+orders[1])))(873, 762, 873) */
		reached[0][762] = 1;
		spin_assert((((int)now.effects[1])<=(1+((int)now.orders[1]))), "(effects[1]<=(1+orders[1]))", II, tt, t);
		/* merge: assert((alive[1]<=1))(873, 763, 873) */
		reached[0][763] = 1;
		spin_assert((((int)now.alive[1])<=1), "(alive[1]<=1)", II, tt, t);
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 6 */
	case 238: // STATE 765 - run.pml:195 - [((runner[1]&&(pipe[((1*2)+1)]==Running)))] (873:0:3 - 1)
		IfNotBlocked
		reached[0][765] = 1;
		if (!((((int)now.runner[1])&&(now.pipe[ Index(((1*2)+1), 4) ]==18))))
			continue;
		/* merge: alive[1] = (alive[1]-1)(873, 766, 873) */
		reached[0][766] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.alive[1]);
		now.alive[1] = (((int)now.alive[1])-1);
#ifdef VAR_RANGES
		logval("alive[1]", ((int)now.alive[1]));
#endif
		;
		/* merge: completed[1] = 1(873, 767, 873) */
		reached[0][767] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.completed[1]);
		now.completed[1] = 1;
#ifdef VAR_RANGES
		logval("completed[1]", ((int)now.completed[1]));
#endif
		;
		/* merge: pipe[((1*2)+1)] = Said(873, 768, 873) */
		reached[0][768] = 1;
		(trpt+1)->bup.ovals[2] = now.pipe[ Index(((1*2)+1), 4) ];
		now.pipe[ Index(((1*2)+1), 4) ] = 17;
#ifdef VAR_RANGES
		logval("pipe[((1*2)+1)]", now.pipe[ Index(((1*2)+1), 4) ]);
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 239: // STATE 770 - run.pml:195 - [(((((driver[1]==Live)&&(resumes>0))&&(seen[((1*2)+1)]==Unknown))&&(length<14)))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][770] = 1;
		if (!(((((now.driver[1]==7)&&(((int)now.resumes)>0))&&(now.seen[ Index(((1*2)+1), 4) ]==10))&&(((int)now.length)<14))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 240: // STATE 771 - run.pml:43 - [kind = 0] (0:780:2 - 1)
		IfNotBlocked
		reached[0][771] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
		((P0 *)_this)->kind = 0;
#ifdef VAR_RANGES
		logval("one_run:kind", ((P0 *)_this)->kind);
#endif
		;
		/* merge: i = 0(780, 772, 780) */
		reached[0][772] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 781, 780) */
		reached[0][781] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 241: // STATE 773 - run.pml:44 - [(((i<length)&&(whose[i]==1)))] (780:0:2 - 1)
		IfNotBlocked
		reached[0][773] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.length))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==1))))
			continue;
		/* merge: kind = what[i](780, 774, 780) */
		reached[0][774] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
		((P0 *)_this)->kind = now.what[ Index(((int)((P0 *)_this)->i), 14) ];
#ifdef VAR_RANGES
		logval("one_run:kind", ((P0 *)_this)->kind);
#endif
		;
		/* merge: i = (i+1)(780, 775, 780) */
		reached[0][775] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 781, 780) */
		reached[0][781] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 242: // STATE 776 - run.pml:45 - [(((i<length)&&(whose[i]!=1)))] (780:0:1 - 1)
		IfNotBlocked
		reached[0][776] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.length))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])!=1))))
			continue;
		/* merge: i = (i+1)(0, 777, 780) */
		reached[0][777] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 781, 780) */
		reached[0][781] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 243: // STATE 783 - run.pml:47 - [i = 0] (0:794:1 - 3)
		IfNotBlocked
		reached[0][783] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 244: // STATE 785 - run.pml:195 - [((kind==Intent))] (791:0:2 - 1)
		IfNotBlocked
		reached[0][785] = 1;
		if (!((((P0 *)_this)->kind==3)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: kind */  (trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->kind;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->kind = 0;
		/* merge: orders[1] = (orders[1]+1)(0, 786, 791) */
		reached[0][786] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.orders[1]);
		now.orders[1] = (((int)now.orders[1])+1);
#ifdef VAR_RANGES
		logval("orders[1]", ((int)now.orders[1]));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 245: // STATE 787 - run.pml:65 - [what[length] = 1] (0:790:3 - 1)
		IfNotBlocked
		reached[0][787] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = now.what[ Index(((int)now.length), 14) ];
		now.what[ Index(now.length, 14) ] = 1;
#ifdef VAR_RANGES
		logval("what[length]", now.what[ Index(((int)now.length), 14) ]);
#endif
		;
		/* merge: whose[length] = 1(790, 788, 790) */
		reached[0][788] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.whose[ Index(((int)now.length), 14) ]);
		now.whose[ Index(now.length, 14) ] = 1;
#ifdef VAR_RANGES
		logval("whose[length]", ((int)now.whose[ Index(((int)now.length), 14) ]));
#endif
		;
		/* merge: length = (length+1)(790, 789, 790) */
		reached[0][789] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.length);
		now.length = (((int)now.length)+1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 246: // STATE 790 - run.pml:65 - [(1)] (873:0:1 - 1)
		IfNotBlocked
		reached[0][790] = 1;
		if (!(1))
			continue;
		/* merge: seen[((1*2)+1)] = Todo(873, 792, 873) */
		reached[0][792] = 1;
		(trpt+1)->bup.oval = now.seen[ Index(((1*2)+1), 4) ];
		now.seen[ Index(((1*2)+1), 4) ] = 16;
#ifdef VAR_RANGES
		logval("seen[((1*2)+1)]", now.seen[ Index(((1*2)+1), 4) ]);
#endif
		;
		/* merge: .(goto)(873, 795, 873) */
		reached[0][795] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 247: // STATE 795 - run.pml:195 - [.(goto)] (0:873:0 - 2)
		IfNotBlocked
		reached[0][795] = 1;
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 248: // STATE 797 - run.pml:195 - [((((alive[1]>0)&&(pipe[((0*2)+1)]!=Running))&&(pipe[((1*2)+1)]!=Running)))] (873:0:1 - 1)
		IfNotBlocked
		reached[0][797] = 1;
		if (!((((((int)now.alive[1])>0)&&(now.pipe[ Index(((0*2)+1), 4) ]!=18))&&(now.pipe[ Index(((1*2)+1), 4) ]!=18))))
			continue;
		/* merge: alive[1] = (alive[1]-1)(0, 798, 873) */
		reached[0][798] = 1;
		(trpt+1)->bup.oval = ((int)now.alive[1]);
		now.alive[1] = (((int)now.alive[1])-1);
#ifdef VAR_RANGES
		logval("alive[1]", ((int)now.alive[1]));
#endif
		;
		/* merge: .(goto)(0, 874, 873) */
		reached[0][874] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 249: // STATE 800 - run.pml:197 - [(((deaths<3)&&(((driver[0]==Live)||(driver[0]==Locked))||((driver[1]==Live)||(driver[1]==Locked)))))] (855:0:1 - 1)
		IfNotBlocked
		reached[0][800] = 1;
		if (!(((((int)now.deaths)<3)&&(((now.driver[0]==7)||(now.driver[0]==8))||((now.driver[1]==7)||(now.driver[1]==8))))))
			continue;
		/* merge: deaths = (deaths+1)(0, 801, 855) */
		reached[0][801] = 1;
		(trpt+1)->bup.oval = ((int)now.deaths);
		now.deaths = (((int)now.deaths)+1);
#ifdef VAR_RANGES
		logval("deaths", ((int)now.deaths));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 250: // STATE 802 - run.pml:173 - [((length>synced))] (805:0:1 - 1)
		IfNotBlocked
		reached[0][802] = 1;
		if (!((((int)now.length)>((int)now.synced))))
			continue;
		/* merge: length = (length-1)(0, 803, 805) */
		reached[0][803] = 1;
		(trpt+1)->bup.oval = ((int)now.length);
		now.length = (((int)now.length)-1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
		/* merge: .(goto)(0, 806, 805) */
		reached[0][806] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 251: // STATE 804 - run.pml:173 - [goto :b28] (0:821:3 - 1)
		IfNotBlocked
		reached[0][804] = 1;
		;
		/* merge: synced = length(821, 808, 821) */
		reached[0][808] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.synced);
		now.synced = ((int)now.length);
#ifdef VAR_RANGES
		logval("synced", ((int)now.synced));
#endif
		;
		/* merge: holder = 2(821, 809, 821) */
		reached[0][809] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.holder);
		now.holder = 2;
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: j = 0(821, 810, 821) */
		reached[0][810] = 1;
		(trpt+1)->bup.ovals[2] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 822, 821) */
		reached[0][822] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 252: // STATE 808 - run.pml:174 - [synced = length] (0:821:3 - 2)
		IfNotBlocked
		reached[0][808] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.synced);
		now.synced = ((int)now.length);
#ifdef VAR_RANGES
		logval("synced", ((int)now.synced));
#endif
		;
		/* merge: holder = 2(821, 809, 821) */
		reached[0][809] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.holder);
		now.holder = 2;
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: j = 0(821, 810, 821) */
		reached[0][810] = 1;
		(trpt+1)->bup.ovals[2] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 822, 821) */
		reached[0][822] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 253: // STATE 811 - run.pml:175 - [((j<2))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][811] = 1;
		if (!((((int)((P0 *)_this)->j)<2)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 254: // STATE 812 - run.pml:175 - [(((driver[j]==Live)||(driver[j]==Locked)))] (821:0:3 - 1)
		IfNotBlocked
		reached[0][812] = 1;
		if (!(((now.driver[ Index(((int)((P0 *)_this)->j), 2) ]==7)||(now.driver[ Index(((int)((P0 *)_this)->j), 2) ]==8))))
			continue;
		/* merge: driver[j] = Dead(821, 813, 821) */
		reached[0][813] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = now.driver[ Index(((int)((P0 *)_this)->j), 2) ];
		now.driver[ Index(((P0 *)_this)->j, 2) ] = 6;
#ifdef VAR_RANGES
		logval("driver[one_run:j]", now.driver[ Index(((int)((P0 *)_this)->j), 2) ]);
#endif
		;
		/* merge: .(goto)(821, 816, 821) */
		reached[0][816] = 1;
		;
		/* merge: runner[j] = 0(821, 817, 821) */
		reached[0][817] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.runner[ Index(((int)((P0 *)_this)->j), 2) ]);
		now.runner[ Index(((P0 *)_this)->j, 2) ] = 0;
#ifdef VAR_RANGES
		logval("runner[one_run:j]", ((int)now.runner[ Index(((int)((P0 *)_this)->j), 2) ]));
#endif
		;
		/* merge: j = (j+1)(821, 818, 821) */
		reached[0][818] = 1;
		(trpt+1)->bup.ovals[2] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 822, 821) */
		reached[0][822] = 1;
		;
		_m = 3; goto P999; /* 5 */
	case 255: // STATE 817 - run.pml:175 - [runner[j] = 0] (0:821:2 - 3)
		IfNotBlocked
		reached[0][817] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.runner[ Index(((int)((P0 *)_this)->j), 2) ]);
		now.runner[ Index(((P0 *)_this)->j, 2) ] = 0;
#ifdef VAR_RANGES
		logval("runner[one_run:j]", ((int)now.runner[ Index(((int)((P0 *)_this)->j), 2) ]));
#endif
		;
		/* merge: j = (j+1)(821, 818, 821) */
		reached[0][818] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 822, 821) */
		reached[0][822] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 256: // STATE 824 - run.pml:175 - [j = 0] (0:851:1 - 3)
		IfNotBlocked
		reached[0][824] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 852, 851) */
		reached[0][852] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 257: // STATE 825 - run.pml:176 - [((j<2))] (846:0:3 - 1)
		IfNotBlocked
		reached[0][825] = 1;
		if (!((((int)((P0 *)_this)->j)<2)))
			continue;
		/* merge: pipe[((0*2)+j)] = Nothing(846, 826, 846) */
		reached[0][826] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ];
		now.pipe[ Index(((0*2)+((P0 *)_this)->j), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((0*2)+one_run:j)]", now.pipe[ Index(((0*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: pipe[((1*2)+j)] = Nothing(846, 827, 846) */
		reached[0][827] = 1;
		(trpt+1)->bup.ovals[1] = now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ];
		now.pipe[ Index(((1*2)+((P0 *)_this)->j), 4) ] = 20;
#ifdef VAR_RANGES
		logval("pipe[((1*2)+one_run:j)]", now.pipe[ Index(((1*2)+((int)((P0 *)_this)->j)), 4) ]);
#endif
		;
		/* merge: alive[j] = 0(846, 828, 846) */
		reached[0][828] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.alive[ Index(((int)((P0 *)_this)->j), 2) ]);
		now.alive[ Index(((P0 *)_this)->j, 2) ] = 0;
#ifdef VAR_RANGES
		logval("alive[one_run:j]", ((int)now.alive[ Index(((int)((P0 *)_this)->j), 2) ]));
#endif
		;
		_m = 3; goto P999; /* 3 */
	case 258: // STATE 829 - run.pml:177 - [(announced[j])] (0:0:0 - 1)
		IfNotBlocked
		reached[0][829] = 1;
		if (!(((int)now.announced[ Index(((int)((P0 *)_this)->j), 2) ])))
			continue;
		_m = 3; goto P999; /* 0 */
	case 259: // STATE 830 - run.pml:50 - [yes = 0] (0:839:2 - 1)
		IfNotBlocked
		reached[0][830] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->yes);
		((P0 *)_this)->yes = 0;
#ifdef VAR_RANGES
		logval("one_run:yes", ((int)((P0 *)_this)->yes));
#endif
		;
		/* merge: i = 0(839, 831, 839) */
		reached[0][831] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 840, 839) */
		reached[0][840] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 260: // STATE 832 - run.pml:51 - [((((i<synced)&&(whose[i]==j))&&(what[i]==2)))] (839:0:2 - 1)
		IfNotBlocked
		reached[0][832] = 1;
		if (!((((((int)((P0 *)_this)->i)<((int)now.synced))&&(((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==((int)((P0 *)_this)->j)))&&(now.what[ Index(((int)((P0 *)_this)->i), 14) ]==2))))
			continue;
		/* merge: yes = 1(839, 833, 839) */
		reached[0][833] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->yes);
		((P0 *)_this)->yes = 1;
#ifdef VAR_RANGES
		logval("one_run:yes", ((int)((P0 *)_this)->yes));
#endif
		;
		/* merge: i = (i+1)(839, 834, 839) */
		reached[0][834] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 840, 839) */
		reached[0][840] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 261: // STATE 835 - run.pml:52 - [(((i<synced)&&!(((whose[i]==j)&&(what[i]==2)))))] (839:0:1 - 1)
		IfNotBlocked
		reached[0][835] = 1;
		if (!(((((int)((P0 *)_this)->i)<((int)now.synced))&& !(((((int)now.whose[ Index(((int)((P0 *)_this)->i), 14) ])==((int)((P0 *)_this)->j))&&(now.what[ Index(((int)((P0 *)_this)->i), 14) ]==2))))))
			continue;
		/* merge: i = (i+1)(0, 836, 839) */
		reached[0][836] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = (((int)((P0 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: .(goto)(0, 840, 839) */
		reached[0][840] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 262: // STATE 842 - run.pml:54 - [i = 0] (0:851:2 - 3)
		IfNotBlocked
		reached[0][842] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->i);
		((P0 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("one_run:i", ((int)((P0 *)_this)->i));
#endif
		;
		/* merge: assert(yes)(851, 844, 851) */
		reached[0][844] = 1;
		spin_assert(((int)((P0 *)_this)->yes), "yes", II, tt, t);
		/* merge: .(goto)(851, 847, 851) */
		reached[0][847] = 1;
		;
		/* merge: j = (j+1)(851, 848, 851) */
		reached[0][848] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 852, 851) */
		reached[0][852] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 263: // STATE 848 - run.pml:177 - [j = (j+1)] (0:851:1 - 3)
		IfNotBlocked
		reached[0][848] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 852, 851) */
		reached[0][852] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 264: // STATE 854 - run.pml:179 - [j = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][854] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 265: // STATE 857 - run.pml:203 - [((((((((driver[0]==Ended)||(driver[1]==Ended))||(resumes==3))&&!(((driver[0]==Live)||(driver[0]==Locked))))&&!(((driver[1]==Live)||(driver[1]==Locked))))&&!(runner[0]))&&!(runner[1])))] (868:0:1 - 1)
		IfNotBlocked
		reached[0][857] = 1;
		if (!((((((((now.driver[0]==4)||(now.driver[1]==4))||(((int)now.resumes)==3))&& !(((now.driver[0]==7)||(now.driver[0]==8))))&& !(((now.driver[1]==7)||(now.driver[1]==8))))&& !(((int)now.runner[0])))&& !(((int)now.runner[1])))))
			continue;
		/* merge: j = 0(0, 858, 868) */
		reached[0][858] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = 0;
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 869, 868) */
		reached[0][869] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 266: // STATE 859 - run.pml:205 - [((j<2))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][859] = 1;
		if (!((((int)((P0 *)_this)->j)<2)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 267: // STATE 860 - run.pml:205 - [(announced[j])] (868:0:1 - 1)
		IfNotBlocked
		reached[0][860] = 1;
		if (!(((int)now.announced[ Index(((int)((P0 *)_this)->j), 2) ])))
			continue;
		/* merge: assert(completed[j])(868, 861, 868) */
		reached[0][861] = 1;
		spin_assert(((int)now.completed[ Index(((int)((P0 *)_this)->j), 2) ]), "completed[j]", II, tt, t);
		/* merge: .(goto)(868, 864, 868) */
		reached[0][864] = 1;
		;
		/* merge: j = (j+1)(868, 865, 868) */
		reached[0][865] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 869, 868) */
		reached[0][869] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 268: // STATE 865 - run.pml:205 - [j = (j+1)] (0:868:1 - 3)
		IfNotBlocked
		reached[0][865] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->j);
		((P0 *)_this)->j = (((int)((P0 *)_this)->j)+1);
#ifdef VAR_RANGES
		logval("one_run:j", ((int)((P0 *)_this)->j));
#endif
		;
		/* merge: .(goto)(0, 869, 868) */
		reached[0][869] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 269: // STATE 876 - run.pml:208 - [-end-] (0:0:0 - 2)
		IfNotBlocked
		reached[0][876] = 1;
		if (!delproc(1, II)) continue;
		_m = 3; goto P999; /* 0 */
	case  _T5:	/* np_ */
		if (!((!(trpt->o_pm&4) && !(trpt->tau&128))))
			continue;
		/* else fall through */
	case  _T2:	/* true */
		_m = 3; goto P999;
#undef rand
	}

