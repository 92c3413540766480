	switch (t->back) {
	default: Uerror("bad return move");
	case  0: goto R999; /* nothing to undo */

		 /* PROC one_run */

	case 3: // STATE 6
		;
		((P0 *)_this)->j = trpt->bup.ovals[4];
		now.pipe[ Index(((1*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[3];
		now.pipe[ Index(((0*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[2];
		now.seen[ Index(((1*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[1];
		now.seen[ Index(((0*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 5);
		goto R999;

	case 4: // STATE 16
		;
		now.runner[0] = trpt->bup.ovals[4];
		now.holder = trpt->bup.ovals[3];
		now.driver[0] = trpt->bup.ovals[2];
		now.driver[1] = trpt->bup.ovals[1];
		((P0 *)_this)->j = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 5);
		goto R999;
;
		;
		;
		;
		
	case 7: // STATE 22
		;
		now.length = trpt->bup.ovals[2];
		now.whose[ Index(now.length, 14) ] = trpt->bup.ovals[1];
		now.what[ Index(now.length, 14) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 8: // STATE 28
		;
		now.seen[ Index(((0*2)+0), 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 9: // STATE 28
		;
		now.seen[ Index(((0*2)+0), 4) ] = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 11: // STATE 32
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 12: // STATE 35
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 13: // STATE 37
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 14: // STATE 43
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 15: // STATE 47
		;
		now.seen[ Index(((0*2)+0), 4) ] = trpt->bup.ovals[2];
		now.pipe[ Index(((0*2)+0), 4) ] = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;
;
		
	case 16: // STATE 50
		goto R999;

	case 17: // STATE 54
		;
		now.seen[ Index(((0*2)+0), 4) ] = trpt->bup.ovals[1];
		now.pipe[ Index(((0*2)+0), 4) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;
;
		;
		
	case 19: // STATE 58
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 20: // STATE 61
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 21: // STATE 63
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 22: // STATE 69
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 23: // STATE 74
		;
		now.length = trpt->bup.ovals[2];
		now.whose[ Index(now.length, 14) ] = trpt->bup.ovals[1];
		now.what[ Index(now.length, 14) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 24: // STATE 77
		;
		now.seen[ Index(((0*2)+0), 4) ] = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 26: // STATE 81
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 27: // STATE 84
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 28: // STATE 86
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 29: // STATE 92
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 30: // STATE 96
		;
		now.seen[ Index(((0*2)+0), 4) ] = trpt->bup.ovals[2];
		now.announced[0] = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;
;
		
	case 31: // STATE 99
		goto R999;

	case 32: // STATE 105
		;
		now.alive[0] = trpt->bup.ovals[2];
		now.pipe[ Index(((0*2)+0), 4) ] = trpt->bup.ovals[1];
		now.seen[ Index(((0*2)+0), 4) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 33: // STATE 108
		;
		now.seen[ Index(((0*2)+0), 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 34: // STATE 113
		;
		now.pipe[ Index(((0*2)+0), 4) ] = trpt->bup.ovals[2];
		now.alive[0] = trpt->bup.ovals[1];
		now.effects[0] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 35: // STATE 120
		;
		now.pipe[ Index(((0*2)+0), 4) ] = trpt->bup.ovals[2];
		now.completed[0] = trpt->bup.ovals[1];
		now.alive[0] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;
;
		;
		
	case 37: // STATE 124
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 38: // STATE 127
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 39: // STATE 129
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 40: // STATE 135
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 41: // STATE 138
		;
		now.orders[0] = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 42: // STATE 141
		;
		now.length = trpt->bup.ovals[2];
		now.whose[ Index(now.length, 14) ] = trpt->bup.ovals[1];
		now.what[ Index(now.length, 14) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 43: // STATE 144
		;
		now.seen[ Index(((0*2)+0), 4) ] = trpt->bup.oval;
		;
		goto R999;
;
		
	case 44: // STATE 147
		goto R999;
;
		;
		;
		;
		
	case 47: // STATE 153
		;
		now.length = trpt->bup.ovals[2];
		now.whose[ Index(now.length, 14) ] = trpt->bup.ovals[1];
		now.what[ Index(now.length, 14) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 48: // STATE 159
		;
		now.seen[ Index(((1*2)+0), 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 49: // STATE 159
		;
		now.seen[ Index(((1*2)+0), 4) ] = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 51: // STATE 163
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 52: // STATE 166
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 53: // STATE 168
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 54: // STATE 174
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 55: // STATE 178
		;
		now.seen[ Index(((1*2)+0), 4) ] = trpt->bup.ovals[2];
		now.pipe[ Index(((1*2)+0), 4) ] = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;
;
		
	case 56: // STATE 181
		goto R999;

	case 57: // STATE 185
		;
		now.seen[ Index(((1*2)+0), 4) ] = trpt->bup.ovals[1];
		now.pipe[ Index(((1*2)+0), 4) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;
;
		;
		
	case 59: // STATE 189
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 60: // STATE 192
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 61: // STATE 194
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 62: // STATE 200
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 63: // STATE 205
		;
		now.length = trpt->bup.ovals[2];
		now.whose[ Index(now.length, 14) ] = trpt->bup.ovals[1];
		now.what[ Index(now.length, 14) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 64: // STATE 208
		;
		now.seen[ Index(((1*2)+0), 4) ] = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 66: // STATE 212
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 67: // STATE 215
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 68: // STATE 217
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 69: // STATE 223
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 70: // STATE 227
		;
		now.seen[ Index(((1*2)+0), 4) ] = trpt->bup.ovals[2];
		now.announced[0] = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;
;
		
	case 71: // STATE 230
		goto R999;

	case 72: // STATE 236
		;
		now.alive[0] = trpt->bup.ovals[2];
		now.pipe[ Index(((1*2)+0), 4) ] = trpt->bup.ovals[1];
		now.seen[ Index(((1*2)+0), 4) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 73: // STATE 239
		;
		now.seen[ Index(((1*2)+0), 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 74: // STATE 244
		;
		now.pipe[ Index(((1*2)+0), 4) ] = trpt->bup.ovals[2];
		now.alive[0] = trpt->bup.ovals[1];
		now.effects[0] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 75: // STATE 251
		;
		now.pipe[ Index(((1*2)+0), 4) ] = trpt->bup.ovals[2];
		now.completed[0] = trpt->bup.ovals[1];
		now.alive[0] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;
;
		;
		
	case 77: // STATE 255
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 78: // STATE 258
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 79: // STATE 260
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 80: // STATE 266
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 81: // STATE 269
		;
		now.orders[0] = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 82: // STATE 272
		;
		now.length = trpt->bup.ovals[2];
		now.whose[ Index(now.length, 14) ] = trpt->bup.ovals[1];
		now.what[ Index(now.length, 14) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 83: // STATE 275
		;
		now.seen[ Index(((1*2)+0), 4) ] = trpt->bup.oval;
		;
		goto R999;
;
		
	case 84: // STATE 278
		goto R999;

	case 85: // STATE 281
		;
		now.synced = trpt->bup.oval;
		;
		goto R999;

	case 86: // STATE 284
		;
		now.driver[0] = trpt->bup.oval;
		;
		goto R999;

	case 87: // STATE 286
		;
		now.holder = trpt->bup.oval;
		;
		goto R999;
;
		
	case 88: // STATE 290
		goto R999;
;
		
	case 89: // STATE 288
		goto R999;
;
		;
		
	case 91: // STATE 294
		;
		((P0 *)_this)->j = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 93: // STATE 302
		;
		((P0 *)_this)->j = trpt->bup.ovals[2];
		now.pipe[ Index(((0*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[1];
		now.alive[ Index(((P0 *)_this)->j, 2) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 94: // STATE 302
		;
		((P0 *)_this)->j = trpt->bup.ovals[1];
		now.pipe[ Index(((0*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 95: // STATE 309
		;
		now.runner[0] = trpt->bup.ovals[1];
		((P0 *)_this)->j = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 96: // STATE 315
		;
		now.driver[0] = trpt->bup.ovals[2];
		now.holder = trpt->bup.ovals[1];
		now.resumes = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 97: // STATE 316
		;
		((P0 *)_this)->j = trpt->bup.oval;
		;
		goto R999;

	case 98: // STATE 319
		;
		((P0 *)_this)->j = trpt->bup.ovals[1];
		now.seen[ Index(((0*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 99: // STATE 325
		;
		((P0 *)_this)->j = trpt->bup.oval;
		;
		goto R999;

	case 100: // STATE 329
		;
		now.synced = trpt->bup.oval;
		;
		goto R999;

	case 101: // STATE 330
		;
		((P0 *)_this)->j = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 103: // STATE 333
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 104: // STATE 336
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 105: // STATE 338
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 106: // STATE 344
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 107: // STATE 355
		;
		((P0 *)_this)->j = trpt->bup.ovals[3];
		now.pipe[ Index(((0*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[2];
		now.seen[ Index(((0*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 4);
		goto R999;

	case 108: // STATE 355
		;
		((P0 *)_this)->j = trpt->bup.ovals[3];
		now.pipe[ Index(((0*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[2];
		now.seen[ Index(((0*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 4);
		goto R999;

	case 109: // STATE 355
		;
		((P0 *)_this)->j = trpt->bup.ovals[2];
		now.pipe[ Index(((0*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[1];
		now.seen[ Index(((0*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 110: // STATE 355
		;
		((P0 *)_this)->j = trpt->bup.ovals[1];
		now.pipe[ Index(((0*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 111: // STATE 364
		;
		now.runner[0] = trpt->bup.ovals[2];
		now.driver[0] = trpt->bup.ovals[1];
		((P0 *)_this)->j = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 112: // STATE 367
		;
		now.driver[0] = trpt->bup.oval;
		;
		goto R999;

	case 113: // STATE 369
		;
		now.holder = trpt->bup.oval;
		;
		goto R999;
;
		
	case 114: // STATE 373
		goto R999;
;
		
	case 115: // STATE 371
		goto R999;

	case 116: // STATE 378
		;
		now.driver[0] = trpt->bup.ovals[1];
		now.deaths = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 117: // STATE 380
		;
		now.holder = trpt->bup.oval;
		;
		goto R999;
;
		
	case 118: // STATE 384
		goto R999;
;
		
	case 119: // STATE 382
		goto R999;

	case 120: // STATE 389
		;
		now.runner[0] = trpt->bup.ovals[1];
		now.deaths = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 121: // STATE 390
		;
		((P0 *)_this)->j = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 123: // STATE 397
		;
		((P0 *)_this)->j = trpt->bup.ovals[1];
		now.pipe[ Index(((0*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 124: // STATE 397
		;
		((P0 *)_this)->j = trpt->bup.oval;
		;
		goto R999;

	case 125: // STATE 403
		;
		((P0 *)_this)->j = trpt->bup.oval;
		;
		goto R999;

	case 126: // STATE 407
		;
		now.synced = trpt->bup.oval;
		;
		goto R999;

	case 127: // STATE 410
		;
		now.driver[1] = trpt->bup.oval;
		;
		goto R999;

	case 128: // STATE 412
		;
		now.holder = trpt->bup.oval;
		;
		goto R999;
;
		
	case 129: // STATE 416
		goto R999;
;
		
	case 130: // STATE 414
		goto R999;
;
		;
		
	case 132: // STATE 420
		;
		((P0 *)_this)->j = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 134: // STATE 428
		;
		((P0 *)_this)->j = trpt->bup.ovals[2];
		now.pipe[ Index(((1*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[1];
		now.alive[ Index(((P0 *)_this)->j, 2) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 135: // STATE 428
		;
		((P0 *)_this)->j = trpt->bup.ovals[1];
		now.pipe[ Index(((1*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 136: // STATE 435
		;
		now.runner[1] = trpt->bup.ovals[1];
		((P0 *)_this)->j = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 137: // STATE 441
		;
		now.driver[1] = trpt->bup.ovals[2];
		now.holder = trpt->bup.ovals[1];
		now.resumes = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 138: // STATE 442
		;
		((P0 *)_this)->j = trpt->bup.oval;
		;
		goto R999;

	case 139: // STATE 445
		;
		((P0 *)_this)->j = trpt->bup.ovals[1];
		now.seen[ Index(((1*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 140: // STATE 451
		;
		((P0 *)_this)->j = trpt->bup.oval;
		;
		goto R999;

	case 141: // STATE 455
		;
		now.synced = trpt->bup.oval;
		;
		goto R999;

	case 142: // STATE 456
		;
		((P0 *)_this)->j = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 144: // STATE 459
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 145: // STATE 462
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 146: // STATE 464
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 147: // STATE 470
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 148: // STATE 481
		;
		((P0 *)_this)->j = trpt->bup.ovals[3];
		now.pipe[ Index(((1*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[2];
		now.seen[ Index(((1*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 4);
		goto R999;

	case 149: // STATE 481
		;
		((P0 *)_this)->j = trpt->bup.ovals[3];
		now.pipe[ Index(((1*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[2];
		now.seen[ Index(((1*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 4);
		goto R999;

	case 150: // STATE 481
		;
		((P0 *)_this)->j = trpt->bup.ovals[2];
		now.pipe[ Index(((1*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[1];
		now.seen[ Index(((1*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 151: // STATE 481
		;
		((P0 *)_this)->j = trpt->bup.ovals[1];
		now.pipe[ Index(((1*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 152: // STATE 490
		;
		now.runner[1] = trpt->bup.ovals[2];
		now.driver[1] = trpt->bup.ovals[1];
		((P0 *)_this)->j = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 153: // STATE 493
		;
		now.driver[1] = trpt->bup.oval;
		;
		goto R999;

	case 154: // STATE 495
		;
		now.holder = trpt->bup.oval;
		;
		goto R999;
;
		
	case 155: // STATE 499
		goto R999;
;
		
	case 156: // STATE 497
		goto R999;

	case 157: // STATE 504
		;
		now.driver[1] = trpt->bup.ovals[1];
		now.deaths = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 158: // STATE 506
		;
		now.holder = trpt->bup.oval;
		;
		goto R999;
;
		
	case 159: // STATE 510
		goto R999;
;
		
	case 160: // STATE 508
		goto R999;

	case 161: // STATE 515
		;
		now.runner[1] = trpt->bup.ovals[1];
		now.deaths = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 162: // STATE 516
		;
		((P0 *)_this)->j = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 164: // STATE 523
		;
		((P0 *)_this)->j = trpt->bup.ovals[1];
		now.pipe[ Index(((1*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 165: // STATE 523
		;
		((P0 *)_this)->j = trpt->bup.oval;
		;
		goto R999;

	case 166: // STATE 529
		;
		((P0 *)_this)->j = trpt->bup.oval;
		;
		goto R999;

	case 167: // STATE 533
		;
		now.alive[0] = trpt->bup.oval;
		;
		goto R999;
;
		;
		;
		;
		
	case 170: // STATE 539
		;
		now.length = trpt->bup.ovals[2];
		now.whose[ Index(now.length, 14) ] = trpt->bup.ovals[1];
		now.what[ Index(now.length, 14) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 171: // STATE 545
		;
		now.seen[ Index(((0*2)+1), 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 172: // STATE 545
		;
		now.seen[ Index(((0*2)+1), 4) ] = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 174: // STATE 549
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 175: // STATE 552
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 176: // STATE 554
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 177: // STATE 560
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 178: // STATE 564
		;
		now.seen[ Index(((0*2)+1), 4) ] = trpt->bup.ovals[2];
		now.pipe[ Index(((0*2)+1), 4) ] = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;
;
		
	case 179: // STATE 567
		goto R999;

	case 180: // STATE 571
		;
		now.seen[ Index(((0*2)+1), 4) ] = trpt->bup.ovals[1];
		now.pipe[ Index(((0*2)+1), 4) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;
;
		;
		
	case 182: // STATE 575
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 183: // STATE 578
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 184: // STATE 580
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 185: // STATE 586
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 186: // STATE 591
		;
		now.length = trpt->bup.ovals[2];
		now.whose[ Index(now.length, 14) ] = trpt->bup.ovals[1];
		now.what[ Index(now.length, 14) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 187: // STATE 594
		;
		now.seen[ Index(((0*2)+1), 4) ] = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 189: // STATE 598
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 190: // STATE 601
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 191: // STATE 603
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 192: // STATE 609
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 193: // STATE 613
		;
		now.seen[ Index(((0*2)+1), 4) ] = trpt->bup.ovals[2];
		now.announced[1] = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;
;
		
	case 194: // STATE 616
		goto R999;

	case 195: // STATE 622
		;
		now.alive[1] = trpt->bup.ovals[2];
		now.pipe[ Index(((0*2)+1), 4) ] = trpt->bup.ovals[1];
		now.seen[ Index(((0*2)+1), 4) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 196: // STATE 625
		;
		now.seen[ Index(((0*2)+1), 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 197: // STATE 630
		;
		now.pipe[ Index(((0*2)+1), 4) ] = trpt->bup.ovals[2];
		now.alive[1] = trpt->bup.ovals[1];
		now.effects[1] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 198: // STATE 637
		;
		now.pipe[ Index(((0*2)+1), 4) ] = trpt->bup.ovals[2];
		now.completed[1] = trpt->bup.ovals[1];
		now.alive[1] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;
;
		;
		
	case 200: // STATE 641
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 201: // STATE 644
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 202: // STATE 646
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 203: // STATE 652
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 204: // STATE 655
		;
		now.orders[1] = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 205: // STATE 658
		;
		now.length = trpt->bup.ovals[2];
		now.whose[ Index(now.length, 14) ] = trpt->bup.ovals[1];
		now.what[ Index(now.length, 14) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 206: // STATE 661
		;
		now.seen[ Index(((0*2)+1), 4) ] = trpt->bup.oval;
		;
		goto R999;
;
		
	case 207: // STATE 664
		goto R999;
;
		;
		;
		;
		
	case 210: // STATE 670
		;
		now.length = trpt->bup.ovals[2];
		now.whose[ Index(now.length, 14) ] = trpt->bup.ovals[1];
		now.what[ Index(now.length, 14) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 211: // STATE 676
		;
		now.seen[ Index(((1*2)+1), 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 212: // STATE 676
		;
		now.seen[ Index(((1*2)+1), 4) ] = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 214: // STATE 680
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 215: // STATE 683
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 216: // STATE 685
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 217: // STATE 691
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 218: // STATE 695
		;
		now.seen[ Index(((1*2)+1), 4) ] = trpt->bup.ovals[2];
		now.pipe[ Index(((1*2)+1), 4) ] = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;
;
		
	case 219: // STATE 698
		goto R999;

	case 220: // STATE 702
		;
		now.seen[ Index(((1*2)+1), 4) ] = trpt->bup.ovals[1];
		now.pipe[ Index(((1*2)+1), 4) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;
;
		;
		
	case 222: // STATE 706
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 223: // STATE 709
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 224: // STATE 711
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 225: // STATE 717
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 226: // STATE 722
		;
		now.length = trpt->bup.ovals[2];
		now.whose[ Index(now.length, 14) ] = trpt->bup.ovals[1];
		now.what[ Index(now.length, 14) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 227: // STATE 725
		;
		now.seen[ Index(((1*2)+1), 4) ] = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 229: // STATE 729
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 230: // STATE 732
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 231: // STATE 734
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 232: // STATE 740
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 233: // STATE 744
		;
		now.seen[ Index(((1*2)+1), 4) ] = trpt->bup.ovals[2];
		now.announced[1] = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;
;
		
	case 234: // STATE 747
		goto R999;

	case 235: // STATE 753
		;
		now.alive[1] = trpt->bup.ovals[2];
		now.pipe[ Index(((1*2)+1), 4) ] = trpt->bup.ovals[1];
		now.seen[ Index(((1*2)+1), 4) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 236: // STATE 756
		;
		now.seen[ Index(((1*2)+1), 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 237: // STATE 761
		;
		now.pipe[ Index(((1*2)+1), 4) ] = trpt->bup.ovals[2];
		now.alive[1] = trpt->bup.ovals[1];
		now.effects[1] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 238: // STATE 768
		;
		now.pipe[ Index(((1*2)+1), 4) ] = trpt->bup.ovals[2];
		now.completed[1] = trpt->bup.ovals[1];
		now.alive[1] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;
;
		;
		
	case 240: // STATE 772
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 241: // STATE 775
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 242: // STATE 777
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 243: // STATE 783
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 244: // STATE 786
		;
		now.orders[1] = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->kind = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 245: // STATE 789
		;
		now.length = trpt->bup.ovals[2];
		now.whose[ Index(now.length, 14) ] = trpt->bup.ovals[1];
		now.what[ Index(now.length, 14) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 246: // STATE 792
		;
		now.seen[ Index(((1*2)+1), 4) ] = trpt->bup.oval;
		;
		goto R999;
;
		
	case 247: // STATE 795
		goto R999;

	case 248: // STATE 798
		;
		now.alive[1] = trpt->bup.oval;
		;
		goto R999;

	case 249: // STATE 801
		;
		now.deaths = trpt->bup.oval;
		;
		goto R999;

	case 250: // STATE 803
		;
		now.length = trpt->bup.oval;
		;
		goto R999;

	case 251: // STATE 810
		;
		((P0 *)_this)->j = trpt->bup.ovals[2];
		now.holder = trpt->bup.ovals[1];
		now.synced = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 252: // STATE 810
		;
		((P0 *)_this)->j = trpt->bup.ovals[2];
		now.holder = trpt->bup.ovals[1];
		now.synced = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;
;
		;
		
	case 254: // STATE 818
		;
		((P0 *)_this)->j = trpt->bup.ovals[2];
		now.runner[ Index(((P0 *)_this)->j, 2) ] = trpt->bup.ovals[1];
		now.driver[ Index(((P0 *)_this)->j, 2) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 255: // STATE 818
		;
		((P0 *)_this)->j = trpt->bup.ovals[1];
		now.runner[ Index(((P0 *)_this)->j, 2) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 256: // STATE 824
		;
		((P0 *)_this)->j = trpt->bup.oval;
		;
		goto R999;

	case 257: // STATE 828
		;
		now.alive[ Index(((P0 *)_this)->j, 2) ] = trpt->bup.ovals[2];
		now.pipe[ Index(((1*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[1];
		now.pipe[ Index(((0*2)+((P0 *)_this)->j), 4) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;
;
		;
		
	case 259: // STATE 831
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 260: // STATE 834
		;
		((P0 *)_this)->i = trpt->bup.ovals[1];
		((P0 *)_this)->yes = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 261: // STATE 836
		;
		((P0 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 262: // STATE 848
		;
		((P0 *)_this)->j = trpt->bup.ovals[1];
		((P0 *)_this)->i = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 263: // STATE 848
		;
		((P0 *)_this)->j = trpt->bup.oval;
		;
		goto R999;

	case 264: // STATE 854
		;
		((P0 *)_this)->j = trpt->bup.oval;
		;
		goto R999;

	case 265: // STATE 858
		;
		((P0 *)_this)->j = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 267: // STATE 865
		;
		((P0 *)_this)->j = trpt->bup.oval;
		;
		goto R999;

	case 268: // STATE 865
		;
		((P0 *)_this)->j = trpt->bup.oval;
		;
		goto R999;

	case 269: // STATE 876
		;
		p_restor(II);
		;
		;
		goto R999;
	}

