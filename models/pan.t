#ifdef PEG
struct T_SRC {
	char *fl; int ln;
} T_SRC[NTRANS];

void
tr_2_src(int m, char *file, int ln)
{	T_SRC[m].fl = file;
	T_SRC[m].ln = ln;
}

void
putpeg(int n, int m)
{	printf("%5d	trans %4d ", m, n);
	printf("%s:%d\n",
		T_SRC[n].fl, T_SRC[n].ln);
}
#endif

void
settable(void)
{	Trans *T;
	Trans *settr(int, int, int, int, int, char *, int, int, int);

	trans = (Trans ***) emalloc(2*sizeof(Trans **));

	/* proctype 0: one_run */

	trans[0] = (Trans **) emalloc(877*sizeof(Trans *));

	T = trans[ 0][17] = settr(16,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(16,2,9,0,0,"ATOMIC", 1, 2, 0);
	trans[0][10]	= settr(9,2,9,1,0,".(goto)", 1, 2, 0);
	T = trans[0][9] = settr(8,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(8,2,1,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(8,2,7,0,0,"DO", 1, 2, 0);
	trans[0][1]	= settr(0,2,9,3,3,"((j<2))", 1, 2, 0); /* m: 2 -> 9,0 */
	reached0[2] = 1;
	trans[0][2]	= settr(0,0,0,0,0,"seen[((0*2)+j)] = Todo",0,0,0);
	trans[0][3]	= settr(0,0,0,0,0,"seen[((1*2)+j)] = Todo",0,0,0);
	trans[0][4]	= settr(0,0,0,0,0,"pipe[((0*2)+j)] = Nothing",0,0,0);
	trans[0][5]	= settr(0,0,0,0,0,"pipe[((1*2)+j)] = Nothing",0,0,0);
	trans[0][6]	= settr(0,0,0,0,0,"j = (j+1)",0,0,0);
	trans[0][7]	= settr(6,2,12,2,0,"else", 1, 2, 0);
	trans[0][8]	= settr(7,2,12,1,0,"goto :b0", 1, 2, 0); /* m: 12 -> 0,873 */
	reached0[12] = 1;
	trans[0][11]	= settr(10,2,12,1,0,"break", 1, 2, 0);
	trans[0][12]	= settr(11,0,873,4,4,"j = 0", 1, 2, 0); /* m: 13 -> 0,873 */
	reached0[13] = 1;
	trans[0][13]	= settr(0,0,0,0,0,"driver[1] = Off",0,0,0);
	trans[0][14]	= settr(0,0,0,0,0,"driver[0] = Live",0,0,0);
	trans[0][15]	= settr(0,0,0,0,0,"holder = 0",0,0,0);
	trans[0][16]	= settr(0,0,0,0,0,"runner[0] = 1",0,0,0);
	trans[0][874]	= settr(873,0,873,1,0,".(goto)", 0, 2, 0);
	T = trans[0][873] = settr(872,0,0,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,29,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,51,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,55,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,78,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,100,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,106,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,109,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,116,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,121,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,148,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,160,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,182,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,186,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,209,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,231,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,237,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,240,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,247,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,252,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,279,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,282,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,292,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,311,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,327,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,365,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,375,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,386,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,405,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,408,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,418,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,437,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,453,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,491,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,501,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,512,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,531,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,534,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,546,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,568,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,572,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,595,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,617,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,623,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,626,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,633,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,638,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,665,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,677,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,699,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,703,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,726,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,748,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,754,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,757,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,764,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,769,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,796,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,799,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(872,0,856,0,0,"DO", 0, 2, 0);
	    T->nxt	= settr(872,0,872,0,0,"DO", 0, 2, 0);
	T = trans[ 0][29] = settr(28,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(28,2,18,0,0,"ATOMIC", 1, 2, 0);
	trans[0][18]	= settr(17,2,26,5,0,"((((driver[0]==Live)&&(seen[((0*2)+0)]==Todo))&&(length<14)))", 1, 2, 0);
	T = trans[0][26] = settr(25,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(25,2,19,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(25,2,25,0,0,"IF", 1, 2, 0);
	trans[0][19]	= settr(18,2,24,6,0,"((Kept==Kept))", 1, 2, 0);
	T = trans[ 0][24] = settr(23,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(23,0,20,0,0,"sub-sequence", 1, 2, 0);
	trans[0][20]	= settr(19,2,23,7,7,"what[length] = 3", 1, 2, 0); /* m: 21 -> 0,23 */
	reached0[21] = 1;
	trans[0][21]	= settr(0,0,0,0,0,"whose[length] = 0",0,0,0);
	trans[0][22]	= settr(0,0,0,0,0,"length = (length+1)",0,0,0);
	trans[0][23]	= settr(22,0,873,8,8,"(1)", 1, 2, 0); /* m: 27 -> 873,0 */
	reached0[27] = 1;
	trans[0][27]	= settr(26,0,873,9,9,".(goto)", 1, 2, 0); /* m: 28 -> 0,873 */
	reached0[28] = 1;
	trans[0][25]	= settr(24,2,27,2,0,"else", 1, 2, 0);
	trans[0][28]	= settr(0,0,0,0,0,"seen[((0*2)+0)] = Kept",0,0,0);
	T = trans[ 0][51] = settr(50,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(50,2,30,0,0,"ATOMIC", 1, 2, 0);
	trans[0][30]	= settr(29,2,44,10,0,"((((driver[0]==Live)&&(seen[((0*2)+0)]==Kept))&&runner[0]))", 1, 2, 0);
	T = trans[ 0][44] = settr(43,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(43,0,31,0,0,"sub-sequence", 1, 2, 0);
	trans[0][31]	= settr(30,2,40,11,11,"yes = 0", 1, 2, 0); /* m: 32 -> 0,40 */
	reached0[32] = 1;
	trans[0][32]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][41]	= settr(40,2,40,1,0,".(goto)", 1, 2, 0);
	T = trans[0][40] = settr(39,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(39,2,33,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(39,2,36,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(39,2,38,0,0,"DO", 1, 2, 0);
	trans[0][33]	= settr(32,2,40,12,12,"((((i<synced)&&(whose[i]==0))&&(what[i]==3)))", 1, 2, 0); /* m: 34 -> 40,0 */
	reached0[34] = 1;
	trans[0][34]	= settr(0,0,0,0,0,"yes = 1",0,0,0);
	trans[0][35]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][36]	= settr(35,2,40,13,13,"(((i<synced)&&!(((whose[i]==0)&&(what[i]==3)))))", 1, 2, 0); /* m: 37 -> 40,0 */
	reached0[37] = 1;
	trans[0][37]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][38]	= settr(37,2,43,2,0,"else", 1, 2, 0);
	trans[0][39]	= settr(38,2,43,1,0,"goto :b2", 1, 2, 0); /* m: 43 -> 0,49 */
	reached0[43] = 1;
	trans[0][42]	= settr(41,2,43,1,0,"break", 1, 2, 0);
	trans[0][43]	= settr(42,2,49,14,14,"i = 0", 1, 2, 0);
	T = trans[0][49] = settr(48,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(48,2,45,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(48,2,48,0,0,"IF", 1, 2, 0);
	trans[0][45]	= settr(44,0,873,15,15,"(yes)", 1, 2, 0); /* m: 46 -> 873,0 */
	reached0[46] = 1;
	trans[0][46]	= settr(0,0,0,0,0,"pipe[((0*2)+0)] = Asked",0,0,0);
	trans[0][47]	= settr(0,0,0,0,0,"seen[((0*2)+0)] = Sent",0,0,0);
	trans[0][50]	= settr(49,0,873,16,16,".(goto)", 1, 2, 0);
	trans[0][48]	= settr(47,2,50,2,0,"else", 1, 2, 0);
	T = trans[ 0][55] = settr(54,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(54,2,52,0,0,"ATOMIC", 1, 2, 0);
	trans[0][52]	= settr(51,0,873,17,17,"((((driver[0]==Live)&&(seen[((0*2)+0)]==Sent))&&(pipe[((0*2)+0)]==Said)))", 1, 2, 0); /* m: 53 -> 873,0 */
	reached0[53] = 1;
	trans[0][53]	= settr(0,0,0,0,0,"pipe[((0*2)+0)] = Nothing",0,0,0);
	trans[0][54]	= settr(0,0,0,0,0,"seen[((0*2)+0)] = Answered",0,0,0);
	T = trans[ 0][78] = settr(77,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(77,2,56,0,0,"ATOMIC", 1, 2, 0);
	trans[0][56]	= settr(55,2,70,18,0,"((((driver[0]==Live)&&(seen[((0*2)+0)]==Answered))&&(length<14)))", 1, 2, 0);
	T = trans[ 0][70] = settr(69,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(69,0,57,0,0,"sub-sequence", 1, 2, 0);
	trans[0][57]	= settr(56,2,66,19,19,"kind = 0", 1, 2, 0); /* m: 58 -> 0,66 */
	reached0[58] = 1;
	trans[0][58]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][67]	= settr(66,2,66,1,0,".(goto)", 1, 2, 0);
	T = trans[0][66] = settr(65,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(65,2,59,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(65,2,62,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(65,2,64,0,0,"DO", 1, 2, 0);
	trans[0][59]	= settr(58,2,66,20,20,"(((i<length)&&(whose[i]==0)))", 1, 2, 0); /* m: 60 -> 66,0 */
	reached0[60] = 1;
	trans[0][60]	= settr(0,0,0,0,0,"kind = what[i]",0,0,0);
	trans[0][61]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][62]	= settr(61,2,66,21,21,"(((i<length)&&(whose[i]!=0)))", 1, 2, 0); /* m: 63 -> 66,0 */
	reached0[63] = 1;
	trans[0][63]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][64]	= settr(63,2,69,2,0,"else", 1, 2, 0);
	trans[0][65]	= settr(64,2,69,1,0,"goto :b3", 1, 2, 0); /* m: 69 -> 0,76 */
	reached0[69] = 1;
	trans[0][68]	= settr(67,2,69,1,0,"break", 1, 2, 0);
	trans[0][69]	= settr(68,2,76,22,22,"i = 0", 1, 2, 0); /* m: 71 -> 0,76 */
	reached0[71] = 1;
	trans[0][71]	= settr(0,0,0,0,0,"assert((kind==Intent))",0,0,0);
	T = trans[ 0][76] = settr(75,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(75,0,72,0,0,"sub-sequence", 1, 2, 0);
	trans[0][72]	= settr(71,2,75,23,23,"what[length] = 2", 1, 2, 0); /* m: 73 -> 0,75 */
	reached0[73] = 1;
	trans[0][73]	= settr(0,0,0,0,0,"whose[length] = 0",0,0,0);
	trans[0][74]	= settr(0,0,0,0,0,"length = (length+1)",0,0,0);
	trans[0][75]	= settr(74,0,873,24,24,"(1)", 1, 2, 0); /* m: 77 -> 873,0 */
	reached0[77] = 1;
	trans[0][77]	= settr(0,0,0,0,0,"seen[((0*2)+0)] = Logged",0,0,0);
	T = trans[ 0][100] = settr(99,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(99,2,79,0,0,"ATOMIC", 1, 2, 0);
	trans[0][79]	= settr(78,2,93,25,0,"(((driver[0]==Live)&&(seen[((0*2)+0)]==Logged)))", 1, 2, 0);
	T = trans[ 0][93] = settr(92,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(92,0,80,0,0,"sub-sequence", 1, 2, 0);
	trans[0][80]	= settr(79,2,89,26,26,"yes = 0", 1, 2, 0); /* m: 81 -> 0,89 */
	reached0[81] = 1;
	trans[0][81]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][90]	= settr(89,2,89,1,0,".(goto)", 1, 2, 0);
	T = trans[0][89] = settr(88,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(88,2,82,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(88,2,85,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(88,2,87,0,0,"DO", 1, 2, 0);
	trans[0][82]	= settr(81,2,89,27,27,"((((i<synced)&&(whose[i]==0))&&(what[i]==2)))", 1, 2, 0); /* m: 83 -> 89,0 */
	reached0[83] = 1;
	trans[0][83]	= settr(0,0,0,0,0,"yes = 1",0,0,0);
	trans[0][84]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][85]	= settr(84,2,89,28,28,"(((i<synced)&&!(((whose[i]==0)&&(what[i]==2)))))", 1, 2, 0); /* m: 86 -> 89,0 */
	reached0[86] = 1;
	trans[0][86]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][87]	= settr(86,2,92,2,0,"else", 1, 2, 0);
	trans[0][88]	= settr(87,2,92,1,0,"goto :b4", 1, 2, 0); /* m: 92 -> 0,98 */
	reached0[92] = 1;
	trans[0][91]	= settr(90,2,92,1,0,"break", 1, 2, 0);
	trans[0][92]	= settr(91,2,98,29,29,"i = 0", 1, 2, 0);
	T = trans[0][98] = settr(97,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(97,2,94,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(97,2,97,0,0,"IF", 1, 2, 0);
	trans[0][94]	= settr(93,0,873,30,30,"(yes)", 1, 2, 0); /* m: 95 -> 873,0 */
	reached0[95] = 1;
	trans[0][95]	= settr(0,0,0,0,0,"announced[0] = 1",0,0,0);
	trans[0][96]	= settr(0,0,0,0,0,"seen[((0*2)+0)] = Done",0,0,0);
	trans[0][99]	= settr(98,0,873,31,31,".(goto)", 1, 2, 0);
	trans[0][97]	= settr(96,2,99,2,0,"else", 1, 2, 0);
	T = trans[ 0][106] = settr(105,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(105,2,101,0,0,"ATOMIC", 1, 2, 0);
	trans[0][101]	= settr(100,0,873,32,32,"(((((driver[0]==Live)&&!(runner[0]))&&(seen[((0*2)+0)]==Sent))&&(pipe[((0*2)+0)]!=Said)))", 1, 2, 0); /* m: 102 -> 873,0 */
	reached0[102] = 1;
	trans[0][102]	= settr(0,0,0,0,0,"assert((pipe[((0*2)+0)]!=Said))",0,0,0);
	trans[0][103]	= settr(0,0,0,0,0,"seen[((0*2)+0)] = Unknown",0,0,0);
	trans[0][104]	= settr(0,0,0,0,0,"pipe[((0*2)+0)] = Nothing",0,0,0);
	trans[0][105]	= settr(0,0,0,0,0,"alive[0] = 0",0,0,0);
	T = trans[ 0][109] = settr(108,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(108,2,107,0,0,"ATOMIC", 1, 2, 0);
	trans[0][107]	= settr(106,0,873,33,33,"((((driver[0]==Live)&&!(runner[0]))&&(seen[((0*2)+0)]==Kept)))", 1, 2, 0); /* m: 108 -> 873,0 */
	reached0[108] = 1;
	trans[0][108]	= settr(0,0,0,0,0,"seen[((0*2)+0)] = Unknown",0,0,0);
	T = trans[ 0][116] = settr(115,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(115,2,110,0,0,"ATOMIC", 1, 2, 0);
	trans[0][110]	= settr(109,0,873,34,34,"((runner[0]&&(pipe[((0*2)+0)]==Asked)))", 1, 2, 0); /* m: 111 -> 873,0 */
	reached0[111] = 1;
	trans[0][111]	= settr(0,0,0,0,0,"effects[0] = (effects[0]+1)",0,0,0);
	trans[0][112]	= settr(0,0,0,0,0,"alive[0] = (alive[0]+1)",0,0,0);
	trans[0][113]	= settr(0,0,0,0,0,"pipe[((0*2)+0)] = Running",0,0,0);
	trans[0][114]	= settr(0,0,0,0,0,"assert((effects[0]<=(1+orders[0])))",0,0,0);
	trans[0][115]	= settr(0,0,0,0,0,"assert((alive[0]<=1))",0,0,0);
	T = trans[ 0][121] = settr(120,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(120,2,117,0,0,"ATOMIC", 1, 2, 0);
	trans[0][117]	= settr(116,0,873,35,35,"((runner[0]&&(pipe[((0*2)+0)]==Running)))", 1, 2, 0); /* m: 118 -> 873,0 */
	reached0[118] = 1;
	trans[0][118]	= settr(0,0,0,0,0,"alive[0] = (alive[0]-1)",0,0,0);
	trans[0][119]	= settr(0,0,0,0,0,"completed[0] = 1",0,0,0);
	trans[0][120]	= settr(0,0,0,0,0,"pipe[((0*2)+0)] = Said",0,0,0);
	T = trans[ 0][148] = settr(147,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(147,2,122,0,0,"ATOMIC", 1, 2, 0);
	trans[0][122]	= settr(121,2,136,36,0,"(((((driver[0]==Live)&&(resumes>0))&&(seen[((0*2)+0)]==Unknown))&&(length<14)))", 1, 2, 0);
	T = trans[ 0][136] = settr(135,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(135,0,123,0,0,"sub-sequence", 1, 2, 0);
	trans[0][123]	= settr(122,2,132,37,37,"kind = 0", 1, 2, 0); /* m: 124 -> 0,132 */
	reached0[124] = 1;
	trans[0][124]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][133]	= settr(132,2,132,1,0,".(goto)", 1, 2, 0);
	T = trans[0][132] = settr(131,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(131,2,125,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(131,2,128,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(131,2,130,0,0,"DO", 1, 2, 0);
	trans[0][125]	= settr(124,2,132,38,38,"(((i<length)&&(whose[i]==0)))", 1, 2, 0); /* m: 126 -> 132,0 */
	reached0[126] = 1;
	trans[0][126]	= settr(0,0,0,0,0,"kind = what[i]",0,0,0);
	trans[0][127]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][128]	= settr(127,2,132,39,39,"(((i<length)&&(whose[i]!=0)))", 1, 2, 0); /* m: 129 -> 132,0 */
	reached0[129] = 1;
	trans[0][129]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][130]	= settr(129,2,135,2,0,"else", 1, 2, 0);
	trans[0][131]	= settr(130,2,135,1,0,"goto :b5", 1, 2, 0); /* m: 135 -> 0,146 */
	reached0[135] = 1;
	trans[0][134]	= settr(133,2,135,1,0,"break", 1, 2, 0);
	trans[0][135]	= settr(134,2,146,40,40,"i = 0", 1, 2, 0);
	T = trans[0][146] = settr(145,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(145,2,137,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(145,2,145,0,0,"IF", 1, 2, 0);
	trans[0][137]	= settr(136,2,143,41,41,"((kind==Intent))", 1, 2, 0); /* m: 138 -> 143,0 */
	reached0[138] = 1;
	trans[0][138]	= settr(0,0,0,0,0,"orders[0] = (orders[0]+1)",0,0,0);
	T = trans[ 0][143] = settr(142,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(142,0,139,0,0,"sub-sequence", 1, 2, 0);
	trans[0][139]	= settr(138,2,142,42,42,"what[length] = 1", 1, 2, 0); /* m: 140 -> 0,142 */
	reached0[140] = 1;
	trans[0][140]	= settr(0,0,0,0,0,"whose[length] = 0",0,0,0);
	trans[0][141]	= settr(0,0,0,0,0,"length = (length+1)",0,0,0);
	trans[0][142]	= settr(141,0,873,43,43,"(1)", 1, 2, 0); /* m: 144 -> 873,0 */
	reached0[144] = 1;
	trans[0][144]	= settr(0,0,0,0,0,"seen[((0*2)+0)] = Todo",0,0,0);
	trans[0][147]	= settr(146,0,873,44,44,".(goto)", 1, 2, 0);
	trans[0][145]	= settr(144,2,147,2,0,"else", 1, 2, 0);
	T = trans[ 0][160] = settr(159,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(159,2,149,0,0,"ATOMIC", 1, 2, 0);
	trans[0][149]	= settr(148,2,157,45,0,"((((driver[1]==Live)&&(seen[((1*2)+0)]==Todo))&&(length<14)))", 1, 2, 0);
	T = trans[0][157] = settr(156,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(156,2,150,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(156,2,156,0,0,"IF", 1, 2, 0);
	trans[0][150]	= settr(149,2,155,46,0,"((Kept==Kept))", 1, 2, 0);
	T = trans[ 0][155] = settr(154,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(154,0,151,0,0,"sub-sequence", 1, 2, 0);
	trans[0][151]	= settr(150,2,154,47,47,"what[length] = 3", 1, 2, 0); /* m: 152 -> 0,154 */
	reached0[152] = 1;
	trans[0][152]	= settr(0,0,0,0,0,"whose[length] = 0",0,0,0);
	trans[0][153]	= settr(0,0,0,0,0,"length = (length+1)",0,0,0);
	trans[0][154]	= settr(153,0,873,48,48,"(1)", 1, 2, 0); /* m: 158 -> 873,0 */
	reached0[158] = 1;
	trans[0][158]	= settr(157,0,873,49,49,".(goto)", 1, 2, 0); /* m: 159 -> 0,873 */
	reached0[159] = 1;
	trans[0][156]	= settr(155,2,158,2,0,"else", 1, 2, 0);
	trans[0][159]	= settr(0,0,0,0,0,"seen[((1*2)+0)] = Kept",0,0,0);
	T = trans[ 0][182] = settr(181,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(181,2,161,0,0,"ATOMIC", 1, 2, 0);
	trans[0][161]	= settr(160,2,175,50,0,"((((driver[1]==Live)&&(seen[((1*2)+0)]==Kept))&&runner[1]))", 1, 2, 0);
	T = trans[ 0][175] = settr(174,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(174,0,162,0,0,"sub-sequence", 1, 2, 0);
	trans[0][162]	= settr(161,2,171,51,51,"yes = 0", 1, 2, 0); /* m: 163 -> 0,171 */
	reached0[163] = 1;
	trans[0][163]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][172]	= settr(171,2,171,1,0,".(goto)", 1, 2, 0);
	T = trans[0][171] = settr(170,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(170,2,164,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(170,2,167,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(170,2,169,0,0,"DO", 1, 2, 0);
	trans[0][164]	= settr(163,2,171,52,52,"((((i<synced)&&(whose[i]==0))&&(what[i]==3)))", 1, 2, 0); /* m: 165 -> 171,0 */
	reached0[165] = 1;
	trans[0][165]	= settr(0,0,0,0,0,"yes = 1",0,0,0);
	trans[0][166]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][167]	= settr(166,2,171,53,53,"(((i<synced)&&!(((whose[i]==0)&&(what[i]==3)))))", 1, 2, 0); /* m: 168 -> 171,0 */
	reached0[168] = 1;
	trans[0][168]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][169]	= settr(168,2,174,2,0,"else", 1, 2, 0);
	trans[0][170]	= settr(169,2,174,1,0,"goto :b6", 1, 2, 0); /* m: 174 -> 0,180 */
	reached0[174] = 1;
	trans[0][173]	= settr(172,2,174,1,0,"break", 1, 2, 0);
	trans[0][174]	= settr(173,2,180,54,54,"i = 0", 1, 2, 0);
	T = trans[0][180] = settr(179,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(179,2,176,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(179,2,179,0,0,"IF", 1, 2, 0);
	trans[0][176]	= settr(175,0,873,55,55,"(yes)", 1, 2, 0); /* m: 177 -> 873,0 */
	reached0[177] = 1;
	trans[0][177]	= settr(0,0,0,0,0,"pipe[((1*2)+0)] = Asked",0,0,0);
	trans[0][178]	= settr(0,0,0,0,0,"seen[((1*2)+0)] = Sent",0,0,0);
	trans[0][181]	= settr(180,0,873,56,56,".(goto)", 1, 2, 0);
	trans[0][179]	= settr(178,2,181,2,0,"else", 1, 2, 0);
	T = trans[ 0][186] = settr(185,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(185,2,183,0,0,"ATOMIC", 1, 2, 0);
	trans[0][183]	= settr(182,0,873,57,57,"((((driver[1]==Live)&&(seen[((1*2)+0)]==Sent))&&(pipe[((1*2)+0)]==Said)))", 1, 2, 0); /* m: 184 -> 873,0 */
	reached0[184] = 1;
	trans[0][184]	= settr(0,0,0,0,0,"pipe[((1*2)+0)] = Nothing",0,0,0);
	trans[0][185]	= settr(0,0,0,0,0,"seen[((1*2)+0)] = Answered",0,0,0);
	T = trans[ 0][209] = settr(208,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(208,2,187,0,0,"ATOMIC", 1, 2, 0);
	trans[0][187]	= settr(186,2,201,58,0,"((((driver[1]==Live)&&(seen[((1*2)+0)]==Answered))&&(length<14)))", 1, 2, 0);
	T = trans[ 0][201] = settr(200,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(200,0,188,0,0,"sub-sequence", 1, 2, 0);
	trans[0][188]	= settr(187,2,197,59,59,"kind = 0", 1, 2, 0); /* m: 189 -> 0,197 */
	reached0[189] = 1;
	trans[0][189]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][198]	= settr(197,2,197,1,0,".(goto)", 1, 2, 0);
	T = trans[0][197] = settr(196,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(196,2,190,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(196,2,193,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(196,2,195,0,0,"DO", 1, 2, 0);
	trans[0][190]	= settr(189,2,197,60,60,"(((i<length)&&(whose[i]==0)))", 1, 2, 0); /* m: 191 -> 197,0 */
	reached0[191] = 1;
	trans[0][191]	= settr(0,0,0,0,0,"kind = what[i]",0,0,0);
	trans[0][192]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][193]	= settr(192,2,197,61,61,"(((i<length)&&(whose[i]!=0)))", 1, 2, 0); /* m: 194 -> 197,0 */
	reached0[194] = 1;
	trans[0][194]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][195]	= settr(194,2,200,2,0,"else", 1, 2, 0);
	trans[0][196]	= settr(195,2,200,1,0,"goto :b7", 1, 2, 0); /* m: 200 -> 0,207 */
	reached0[200] = 1;
	trans[0][199]	= settr(198,2,200,1,0,"break", 1, 2, 0);
	trans[0][200]	= settr(199,2,207,62,62,"i = 0", 1, 2, 0); /* m: 202 -> 0,207 */
	reached0[202] = 1;
	trans[0][202]	= settr(0,0,0,0,0,"assert((kind==Intent))",0,0,0);
	T = trans[ 0][207] = settr(206,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(206,0,203,0,0,"sub-sequence", 1, 2, 0);
	trans[0][203]	= settr(202,2,206,63,63,"what[length] = 2", 1, 2, 0); /* m: 204 -> 0,206 */
	reached0[204] = 1;
	trans[0][204]	= settr(0,0,0,0,0,"whose[length] = 0",0,0,0);
	trans[0][205]	= settr(0,0,0,0,0,"length = (length+1)",0,0,0);
	trans[0][206]	= settr(205,0,873,64,64,"(1)", 1, 2, 0); /* m: 208 -> 873,0 */
	reached0[208] = 1;
	trans[0][208]	= settr(0,0,0,0,0,"seen[((1*2)+0)] = Logged",0,0,0);
	T = trans[ 0][231] = settr(230,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(230,2,210,0,0,"ATOMIC", 1, 2, 0);
	trans[0][210]	= settr(209,2,224,65,0,"(((driver[1]==Live)&&(seen[((1*2)+0)]==Logged)))", 1, 2, 0);
	T = trans[ 0][224] = settr(223,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(223,0,211,0,0,"sub-sequence", 1, 2, 0);
	trans[0][211]	= settr(210,2,220,66,66,"yes = 0", 1, 2, 0); /* m: 212 -> 0,220 */
	reached0[212] = 1;
	trans[0][212]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][221]	= settr(220,2,220,1,0,".(goto)", 1, 2, 0);
	T = trans[0][220] = settr(219,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(219,2,213,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(219,2,216,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(219,2,218,0,0,"DO", 1, 2, 0);
	trans[0][213]	= settr(212,2,220,67,67,"((((i<synced)&&(whose[i]==0))&&(what[i]==2)))", 1, 2, 0); /* m: 214 -> 220,0 */
	reached0[214] = 1;
	trans[0][214]	= settr(0,0,0,0,0,"yes = 1",0,0,0);
	trans[0][215]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][216]	= settr(215,2,220,68,68,"(((i<synced)&&!(((whose[i]==0)&&(what[i]==2)))))", 1, 2, 0); /* m: 217 -> 220,0 */
	reached0[217] = 1;
	trans[0][217]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][218]	= settr(217,2,223,2,0,"else", 1, 2, 0);
	trans[0][219]	= settr(218,2,223,1,0,"goto :b8", 1, 2, 0); /* m: 223 -> 0,229 */
	reached0[223] = 1;
	trans[0][222]	= settr(221,2,223,1,0,"break", 1, 2, 0);
	trans[0][223]	= settr(222,2,229,69,69,"i = 0", 1, 2, 0);
	T = trans[0][229] = settr(228,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(228,2,225,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(228,2,228,0,0,"IF", 1, 2, 0);
	trans[0][225]	= settr(224,0,873,70,70,"(yes)", 1, 2, 0); /* m: 226 -> 873,0 */
	reached0[226] = 1;
	trans[0][226]	= settr(0,0,0,0,0,"announced[0] = 1",0,0,0);
	trans[0][227]	= settr(0,0,0,0,0,"seen[((1*2)+0)] = Done",0,0,0);
	trans[0][230]	= settr(229,0,873,71,71,".(goto)", 1, 2, 0);
	trans[0][228]	= settr(227,2,230,2,0,"else", 1, 2, 0);
	T = trans[ 0][237] = settr(236,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(236,2,232,0,0,"ATOMIC", 1, 2, 0);
	trans[0][232]	= settr(231,0,873,72,72,"(((((driver[1]==Live)&&!(runner[1]))&&(seen[((1*2)+0)]==Sent))&&(pipe[((1*2)+0)]!=Said)))", 1, 2, 0); /* m: 233 -> 873,0 */
	reached0[233] = 1;
	trans[0][233]	= settr(0,0,0,0,0,"assert((pipe[((1*2)+0)]!=Said))",0,0,0);
	trans[0][234]	= settr(0,0,0,0,0,"seen[((1*2)+0)] = Unknown",0,0,0);
	trans[0][235]	= settr(0,0,0,0,0,"pipe[((1*2)+0)] = Nothing",0,0,0);
	trans[0][236]	= settr(0,0,0,0,0,"alive[0] = 0",0,0,0);
	T = trans[ 0][240] = settr(239,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(239,2,238,0,0,"ATOMIC", 1, 2, 0);
	trans[0][238]	= settr(237,0,873,73,73,"((((driver[1]==Live)&&!(runner[1]))&&(seen[((1*2)+0)]==Kept)))", 1, 2, 0); /* m: 239 -> 873,0 */
	reached0[239] = 1;
	trans[0][239]	= settr(0,0,0,0,0,"seen[((1*2)+0)] = Unknown",0,0,0);
	T = trans[ 0][247] = settr(246,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(246,2,241,0,0,"ATOMIC", 1, 2, 0);
	trans[0][241]	= settr(240,0,873,74,74,"((runner[1]&&(pipe[((1*2)+0)]==Asked)))", 1, 2, 0); /* m: 242 -> 873,0 */
	reached0[242] = 1;
	trans[0][242]	= settr(0,0,0,0,0,"effects[0] = (effects[0]+1)",0,0,0);
	trans[0][243]	= settr(0,0,0,0,0,"alive[0] = (alive[0]+1)",0,0,0);
	trans[0][244]	= settr(0,0,0,0,0,"pipe[((1*2)+0)] = Running",0,0,0);
	trans[0][245]	= settr(0,0,0,0,0,"assert((effects[0]<=(1+orders[0])))",0,0,0);
	trans[0][246]	= settr(0,0,0,0,0,"assert((alive[0]<=1))",0,0,0);
	T = trans[ 0][252] = settr(251,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(251,2,248,0,0,"ATOMIC", 1, 2, 0);
	trans[0][248]	= settr(247,0,873,75,75,"((runner[1]&&(pipe[((1*2)+0)]==Running)))", 1, 2, 0); /* m: 249 -> 873,0 */
	reached0[249] = 1;
	trans[0][249]	= settr(0,0,0,0,0,"alive[0] = (alive[0]-1)",0,0,0);
	trans[0][250]	= settr(0,0,0,0,0,"completed[0] = 1",0,0,0);
	trans[0][251]	= settr(0,0,0,0,0,"pipe[((1*2)+0)] = Said",0,0,0);
	T = trans[ 0][279] = settr(278,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(278,2,253,0,0,"ATOMIC", 1, 2, 0);
	trans[0][253]	= settr(252,2,267,76,0,"(((((driver[1]==Live)&&(resumes>0))&&(seen[((1*2)+0)]==Unknown))&&(length<14)))", 1, 2, 0);
	T = trans[ 0][267] = settr(266,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(266,0,254,0,0,"sub-sequence", 1, 2, 0);
	trans[0][254]	= settr(253,2,263,77,77,"kind = 0", 1, 2, 0); /* m: 255 -> 0,263 */
	reached0[255] = 1;
	trans[0][255]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][264]	= settr(263,2,263,1,0,".(goto)", 1, 2, 0);
	T = trans[0][263] = settr(262,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(262,2,256,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(262,2,259,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(262,2,261,0,0,"DO", 1, 2, 0);
	trans[0][256]	= settr(255,2,263,78,78,"(((i<length)&&(whose[i]==0)))", 1, 2, 0); /* m: 257 -> 263,0 */
	reached0[257] = 1;
	trans[0][257]	= settr(0,0,0,0,0,"kind = what[i]",0,0,0);
	trans[0][258]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][259]	= settr(258,2,263,79,79,"(((i<length)&&(whose[i]!=0)))", 1, 2, 0); /* m: 260 -> 263,0 */
	reached0[260] = 1;
	trans[0][260]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][261]	= settr(260,2,266,2,0,"else", 1, 2, 0);
	trans[0][262]	= settr(261,2,266,1,0,"goto :b9", 1, 2, 0); /* m: 266 -> 0,277 */
	reached0[266] = 1;
	trans[0][265]	= settr(264,2,266,1,0,"break", 1, 2, 0);
	trans[0][266]	= settr(265,2,277,80,80,"i = 0", 1, 2, 0);
	T = trans[0][277] = settr(276,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(276,2,268,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(276,2,276,0,0,"IF", 1, 2, 0);
	trans[0][268]	= settr(267,2,274,81,81,"((kind==Intent))", 1, 2, 0); /* m: 269 -> 274,0 */
	reached0[269] = 1;
	trans[0][269]	= settr(0,0,0,0,0,"orders[0] = (orders[0]+1)",0,0,0);
	T = trans[ 0][274] = settr(273,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(273,0,270,0,0,"sub-sequence", 1, 2, 0);
	trans[0][270]	= settr(269,2,273,82,82,"what[length] = 1", 1, 2, 0); /* m: 271 -> 0,273 */
	reached0[271] = 1;
	trans[0][271]	= settr(0,0,0,0,0,"whose[length] = 0",0,0,0);
	trans[0][272]	= settr(0,0,0,0,0,"length = (length+1)",0,0,0);
	trans[0][273]	= settr(272,0,873,83,83,"(1)", 1, 2, 0); /* m: 275 -> 873,0 */
	reached0[275] = 1;
	trans[0][275]	= settr(0,0,0,0,0,"seen[((1*2)+0)] = Todo",0,0,0);
	trans[0][278]	= settr(277,0,873,84,84,".(goto)", 1, 2, 0);
	trans[0][276]	= settr(275,2,278,2,0,"else", 1, 2, 0);
	T = trans[ 0][282] = settr(281,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(281,2,280,0,0,"ATOMIC", 1, 2, 0);
	trans[0][280]	= settr(279,0,873,85,85,"(((driver[0]==Live)&&(synced<length)))", 1, 2, 0); /* m: 281 -> 873,0 */
	reached0[281] = 1;
	trans[0][281]	= settr(0,0,0,0,0,"synced = length",0,0,0);
	T = trans[ 0][292] = settr(291,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(291,2,283,0,0,"ATOMIC", 1, 2, 0);
	trans[0][283]	= settr(282,2,291,86,86,"((((driver[0]==Live)&&((seen[((0*2)+0)]==Done)||(seen[((0*2)+0)]==Unknown)))&&((seen[((0*2)+(2-1))]==Done)||(seen[((0*2)+(2-1))]==Unknown))))", 1, 2, 0); /* m: 284 -> 291,0 */
	reached0[284] = 1;
	trans[0][284]	= settr(0,0,0,0,0,"driver[0] = Ended",0,0,0);
	T = trans[ 0][291] = settr(290,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(290,0,289,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][289] = settr(288,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(288,2,285,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(288,2,287,0,0,"IF", 1, 2, 0);
	trans[0][285]	= settr(284,0,873,87,87,"((holder==0))", 1, 2, 0); /* m: 286 -> 873,0 */
	reached0[286] = 1;
	trans[0][286]	= settr(0,0,0,0,0,"holder = 2",0,0,0);
	trans[0][290]	= settr(289,0,873,88,88,".(goto)", 1, 2, 0);
	trans[0][287]	= settr(286,2,288,2,0,"else", 1, 2, 0);
	trans[0][288]	= settr(287,0,873,89,89,"(1)", 1, 2, 0); /* m: 290 -> 873,0 */
	reached0[290] = 1;
	T = trans[ 0][311] = settr(310,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(310,2,293,0,0,"ATOMIC", 1, 2, 0);
	trans[0][293]	= settr(292,2,310,90,0,"((runner[0]&&(driver[0]!=Live)))", 1, 2, 0);
	T = trans[ 0][310] = settr(309,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(309,0,294,0,0,"sub-sequence", 1, 2, 0);
	trans[0][294]	= settr(293,2,305,91,91,"j = 0", 1, 2, 0);
	trans[0][306]	= settr(305,2,305,1,0,".(goto)", 1, 2, 0);
	T = trans[0][305] = settr(304,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(304,2,295,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(304,2,303,0,0,"DO", 1, 2, 0);
	trans[0][295]	= settr(294,2,299,92,0,"((j<2))", 1, 2, 0);
	T = trans[0][299] = settr(298,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(298,2,296,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(298,2,298,0,0,"IF", 1, 2, 0);
	trans[0][296]	= settr(295,2,305,93,93,"(((pipe[((0*2)+j)]==Running)&&(alive[j]>0)))", 1, 2, 0); /* m: 297 -> 305,0 */
	reached0[297] = 1;
	trans[0][297]	= settr(0,0,0,0,0,"alive[j] = (alive[j]-1)",0,0,0);
	trans[0][300]	= settr(299,2,301,1,0,".(goto)", 1, 2, 0); /* m: 301 -> 0,305 */
	reached0[301] = 1;
	trans[0][298]	= settr(297,2,301,2,0,"else", 1, 2, 0);
	trans[0][301]	= settr(300,2,305,94,94,"pipe[((0*2)+j)] = Nothing", 1, 2, 0); /* m: 302 -> 0,305 */
	reached0[302] = 1;
	trans[0][302]	= settr(0,0,0,0,0,"j = (j+1)",0,0,0);
	trans[0][303]	= settr(302,2,308,2,0,"else", 1, 2, 0);
	trans[0][304]	= settr(303,2,308,1,0,"goto :b10", 1, 2, 0); /* m: 308 -> 0,873 */
	reached0[308] = 1;
	trans[0][307]	= settr(306,2,308,1,0,"break", 1, 2, 0);
	trans[0][308]	= settr(307,0,873,95,95,"j = 0", 1, 2, 0); /* m: 309 -> 0,873 */
	reached0[309] = 1;
	trans[0][309]	= settr(0,0,0,0,0,"runner[0] = 0",0,0,0);
	T = trans[ 0][327] = settr(326,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(326,2,312,0,0,"ATOMIC", 1, 2, 0);
	trans[0][312]	= settr(311,2,326,96,96,"(((((!(((driver[0]==Live)||(driver[0]==Locked)))&&(driver[0]!=Ended))&&(driver[1]!=Ended))&&(holder==2))&&(resumes<3)))", 1, 2, 0); /* m: 313 -> 326,0 */
	reached0[313] = 1;
	trans[0][313]	= settr(0,0,0,0,0,"resumes = (resumes+1)",0,0,0);
	trans[0][314]	= settr(0,0,0,0,0,"holder = 0",0,0,0);
	trans[0][315]	= settr(0,0,0,0,0,"driver[0] = Locked",0,0,0);
	T = trans[ 0][326] = settr(325,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(325,0,316,0,0,"sub-sequence", 1, 2, 0);
	trans[0][316]	= settr(315,2,322,97,97,"j = 0", 1, 2, 0);
	trans[0][323]	= settr(322,2,322,1,0,".(goto)", 1, 2, 0);
	T = trans[0][322] = settr(321,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(321,2,317,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(321,2,320,0,0,"DO", 1, 2, 0);
	trans[0][317]	= settr(316,2,322,98,98,"((j<2))", 1, 2, 0); /* m: 318 -> 322,0 */
	reached0[318] = 1;
	trans[0][318]	= settr(0,0,0,0,0,"seen[((0*2)+j)] = Todo",0,0,0);
	trans[0][319]	= settr(0,0,0,0,0,"j = (j+1)",0,0,0);
	trans[0][320]	= settr(319,2,324,2,0,"else", 1, 2, 0);
	trans[0][321]	= settr(320,2,324,1,0,"goto :b11", 1, 2, 0);
	trans[0][324]	= settr(323,2,325,1,0,"break", 1, 2, 0);
	trans[0][325]	= settr(324,0,873,99,99,"j = 0", 1, 2, 0);
	T = trans[ 0][365] = settr(364,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(364,2,328,0,0,"ATOMIC", 1, 2, 0);
	trans[0][328]	= settr(327,2,362,100,100,"(((driver[0]==Locked)&&((!(runner[0])&&!(runner[1]))&&((alive[0]==0)&&(alive[(2-1)]==0)))))", 1, 2, 0); /* m: 329 -> 362,0 */
	reached0[329] = 1;
	trans[0][329]	= settr(0,0,0,0,0,"synced = length",0,0,0);
	T = trans[ 0][362] = settr(361,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(361,0,330,0,0,"sub-sequence", 1, 2, 0);
	trans[0][330]	= settr(329,2,358,101,101,"j = 0", 1, 2, 0);
	trans[0][359]	= settr(358,2,358,1,0,".(goto)", 1, 2, 0);
	T = trans[0][358] = settr(357,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(357,2,331,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(357,2,356,0,0,"DO", 1, 2, 0);
	trans[0][331]	= settr(330,2,345,102,0,"((j<2))", 1, 2, 0);
	T = trans[ 0][345] = settr(344,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(344,0,332,0,0,"sub-sequence", 1, 2, 0);
	trans[0][332]	= settr(331,2,341,103,103,"kind = 0", 1, 2, 0); /* m: 333 -> 0,341 */
	reached0[333] = 1;
	trans[0][333]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][342]	= settr(341,2,341,1,0,".(goto)", 1, 2, 0);
	T = trans[0][341] = settr(340,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(340,2,334,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(340,2,337,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(340,2,339,0,0,"DO", 1, 2, 0);
	trans[0][334]	= settr(333,2,341,104,104,"(((i<length)&&(whose[i]==j)))", 1, 2, 0); /* m: 335 -> 341,0 */
	reached0[335] = 1;
	trans[0][335]	= settr(0,0,0,0,0,"kind = what[i]",0,0,0);
	trans[0][336]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][337]	= settr(336,2,341,105,105,"(((i<length)&&(whose[i]!=j)))", 1, 2, 0); /* m: 338 -> 341,0 */
	reached0[338] = 1;
	trans[0][338]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][339]	= settr(338,2,344,2,0,"else", 1, 2, 0);
	trans[0][340]	= settr(339,2,344,1,0,"goto :b13", 1, 2, 0); /* m: 344 -> 0,352 */
	reached0[344] = 1;
	trans[0][343]	= settr(342,2,344,1,0,"break", 1, 2, 0);
	trans[0][344]	= settr(343,2,352,106,106,"i = 0", 1, 2, 0);
	T = trans[0][352] = settr(351,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(351,2,346,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(351,2,348,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(351,2,350,0,0,"IF", 1, 2, 0);
	trans[0][346]	= settr(345,2,358,107,107,"((kind==Result))", 1, 2, 0); /* m: 347 -> 358,0 */
	reached0[347] = 1;
	trans[0][347]	= settr(0,0,0,0,0,"seen[((0*2)+j)] = Done",0,0,0);
	trans[0][353]	= settr(352,2,354,1,0,".(goto)", 1, 2, 0); /* m: 354 -> 0,358 */
	reached0[354] = 1;
	trans[0][348]	= settr(347,2,358,108,108,"((kind==Intent))", 1, 2, 0); /* m: 349 -> 358,0 */
	reached0[349] = 1;
	trans[0][349]	= settr(0,0,0,0,0,"seen[((0*2)+j)] = Unknown",0,0,0);
	trans[0][350]	= settr(349,2,351,2,0,"else", 1, 2, 0);
	trans[0][351]	= settr(350,2,358,109,109,"seen[((0*2)+j)] = Todo", 1, 2, 0); /* m: 354 -> 0,358 */
	reached0[354] = 1;
	trans[0][354]	= settr(353,2,358,110,110,"pipe[((0*2)+j)] = Nothing", 1, 2, 0); /* m: 355 -> 0,358 */
	reached0[355] = 1;
	trans[0][355]	= settr(0,0,0,0,0,"j = (j+1)",0,0,0);
	trans[0][356]	= settr(355,2,361,2,0,"else", 1, 2, 0);
	trans[0][357]	= settr(356,2,361,1,0,"goto :b12", 1, 2, 0); /* m: 361 -> 0,873 */
	reached0[361] = 1;
	trans[0][360]	= settr(359,2,361,1,0,"break", 1, 2, 0);
	trans[0][361]	= settr(360,0,873,111,111,"j = 0", 1, 2, 0); /* m: 363 -> 0,873 */
	reached0[363] = 1;
	trans[0][363]	= settr(0,0,0,0,0,"driver[0] = Live",0,0,0);
	trans[0][364]	= settr(0,0,0,0,0,"runner[0] = 1",0,0,0);
	T = trans[ 0][375] = settr(374,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(374,2,366,0,0,"ATOMIC", 1, 2, 0);
	trans[0][366]	= settr(365,2,374,112,112,"(((((((driver[0]==Live)&&(resumes>0))&&(resumes<3))&&!(((((seen[((0*2)+0)]==Kept)||(seen[((0*2)+0)]==Sent))||(seen[((0*2)+0)]==Answered))||(seen[((0*2)+0)]==Logged))))&&!(((((seen[((0*2)+(2-1))]==Kept)||(seen[((0*2)+(2-1))]==Sent))||(seen[((0*2)+(2-1))]==Answered))||(seen[((0*2)+(2-1))]==Logged))))&&((seen[((0*2)+0)]==Unknown)||(seen[((0*2)+(2-1))]==Unknown))))", 1, 2, 0); /* m: 367 -> 374,0 */
	reached0[367] = 1;
	trans[0][367]	= settr(0,0,0,0,0,"driver[0] = Stopped",0,0,0);
	T = trans[ 0][374] = settr(373,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(373,0,372,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][372] = settr(371,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(371,2,368,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(371,2,370,0,0,"IF", 1, 2, 0);
	trans[0][368]	= settr(367,0,873,113,113,"((holder==0))", 1, 2, 0); /* m: 369 -> 873,0 */
	reached0[369] = 1;
	trans[0][369]	= settr(0,0,0,0,0,"holder = 2",0,0,0);
	trans[0][373]	= settr(372,0,873,114,114,".(goto)", 1, 2, 0);
	trans[0][370]	= settr(369,2,371,2,0,"else", 1, 2, 0);
	trans[0][371]	= settr(370,0,873,115,115,"(1)", 1, 2, 0); /* m: 373 -> 873,0 */
	reached0[373] = 1;
	T = trans[ 0][386] = settr(385,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(385,2,376,0,0,"ATOMIC", 1, 2, 0);
	trans[0][376]	= settr(375,2,385,116,116,"(((deaths<3)&&((driver[0]==Live)||(driver[0]==Locked))))", 1, 2, 0); /* m: 377 -> 385,0 */
	reached0[377] = 1;
	trans[0][377]	= settr(0,0,0,0,0,"deaths = (deaths+1)",0,0,0);
	trans[0][378]	= settr(0,0,0,0,0,"driver[0] = Dead",0,0,0);
	T = trans[ 0][385] = settr(384,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(384,0,383,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][383] = settr(382,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(382,2,379,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(382,2,381,0,0,"IF", 1, 2, 0);
	trans[0][379]	= settr(378,0,873,117,117,"((holder==0))", 1, 2, 0); /* m: 380 -> 873,0 */
	reached0[380] = 1;
	trans[0][380]	= settr(0,0,0,0,0,"holder = 2",0,0,0);
	trans[0][384]	= settr(383,0,873,118,118,".(goto)", 1, 2, 0);
	trans[0][381]	= settr(380,2,382,2,0,"else", 1, 2, 0);
	trans[0][382]	= settr(381,0,873,119,119,"(1)", 1, 2, 0); /* m: 384 -> 873,0 */
	reached0[384] = 1;
	T = trans[ 0][405] = settr(404,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(404,2,387,0,0,"ATOMIC", 1, 2, 0);
	trans[0][387]	= settr(386,2,404,120,120,"(((deaths<3)&&runner[0]))", 1, 2, 0); /* m: 388 -> 404,0 */
	reached0[388] = 1;
	trans[0][388]	= settr(0,0,0,0,0,"deaths = (deaths+1)",0,0,0);
	trans[0][389]	= settr(0,0,0,0,0,"runner[0] = 0",0,0,0);
	T = trans[ 0][404] = settr(403,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(403,0,390,0,0,"sub-sequence", 1, 2, 0);
	trans[0][390]	= settr(389,2,400,121,121,"j = 0", 1, 2, 0);
	trans[0][401]	= settr(400,2,400,1,0,".(goto)", 1, 2, 0);
	T = trans[0][400] = settr(399,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(399,2,391,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(399,2,398,0,0,"DO", 1, 2, 0);
	trans[0][391]	= settr(390,2,395,122,0,"((j<2))", 1, 2, 0);
	T = trans[0][395] = settr(394,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(394,2,392,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(394,2,394,0,0,"IF", 1, 2, 0);
	trans[0][392]	= settr(391,2,400,123,123,"(((pipe[((0*2)+j)]==Asked)||(pipe[((0*2)+j)]==Running)))", 1, 2, 0); /* m: 393 -> 400,0 */
	reached0[393] = 1;
	trans[0][393]	= settr(0,0,0,0,0,"pipe[((0*2)+j)] = Nothing",0,0,0);
	trans[0][396]	= settr(395,2,397,1,0,".(goto)", 1, 2, 0); /* m: 397 -> 0,400 */
	reached0[397] = 1;
	trans[0][394]	= settr(393,2,397,2,0,"else", 1, 2, 0);
	trans[0][397]	= settr(396,2,400,124,124,"j = (j+1)", 1, 2, 0);
	trans[0][398]	= settr(397,2,402,2,0,"else", 1, 2, 0);
	trans[0][399]	= settr(398,2,402,1,0,"goto :b14", 1, 2, 0);
	trans[0][402]	= settr(401,2,403,1,0,"break", 1, 2, 0);
	trans[0][403]	= settr(402,0,873,125,125,"j = 0", 1, 2, 0);
	T = trans[ 0][408] = settr(407,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(407,2,406,0,0,"ATOMIC", 1, 2, 0);
	trans[0][406]	= settr(405,0,873,126,126,"(((driver[1]==Live)&&(synced<length)))", 1, 2, 0); /* m: 407 -> 873,0 */
	reached0[407] = 1;
	trans[0][407]	= settr(0,0,0,0,0,"synced = length",0,0,0);
	T = trans[ 0][418] = settr(417,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(417,2,409,0,0,"ATOMIC", 1, 2, 0);
	trans[0][409]	= settr(408,2,417,127,127,"((((driver[1]==Live)&&((seen[((1*2)+0)]==Done)||(seen[((1*2)+0)]==Unknown)))&&((seen[((1*2)+(2-1))]==Done)||(seen[((1*2)+(2-1))]==Unknown))))", 1, 2, 0); /* m: 410 -> 417,0 */
	reached0[410] = 1;
	trans[0][410]	= settr(0,0,0,0,0,"driver[1] = Ended",0,0,0);
	T = trans[ 0][417] = settr(416,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(416,0,415,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][415] = settr(414,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(414,2,411,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(414,2,413,0,0,"IF", 1, 2, 0);
	trans[0][411]	= settr(410,0,873,128,128,"((holder==1))", 1, 2, 0); /* m: 412 -> 873,0 */
	reached0[412] = 1;
	trans[0][412]	= settr(0,0,0,0,0,"holder = 2",0,0,0);
	trans[0][416]	= settr(415,0,873,129,129,".(goto)", 1, 2, 0);
	trans[0][413]	= settr(412,2,414,2,0,"else", 1, 2, 0);
	trans[0][414]	= settr(413,0,873,130,130,"(1)", 1, 2, 0); /* m: 416 -> 873,0 */
	reached0[416] = 1;
	T = trans[ 0][437] = settr(436,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(436,2,419,0,0,"ATOMIC", 1, 2, 0);
	trans[0][419]	= settr(418,2,436,131,0,"((runner[1]&&(driver[1]!=Live)))", 1, 2, 0);
	T = trans[ 0][436] = settr(435,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(435,0,420,0,0,"sub-sequence", 1, 2, 0);
	trans[0][420]	= settr(419,2,431,132,132,"j = 0", 1, 2, 0);
	trans[0][432]	= settr(431,2,431,1,0,".(goto)", 1, 2, 0);
	T = trans[0][431] = settr(430,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(430,2,421,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(430,2,429,0,0,"DO", 1, 2, 0);
	trans[0][421]	= settr(420,2,425,133,0,"((j<2))", 1, 2, 0);
	T = trans[0][425] = settr(424,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(424,2,422,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(424,2,424,0,0,"IF", 1, 2, 0);
	trans[0][422]	= settr(421,2,431,134,134,"(((pipe[((1*2)+j)]==Running)&&(alive[j]>0)))", 1, 2, 0); /* m: 423 -> 431,0 */
	reached0[423] = 1;
	trans[0][423]	= settr(0,0,0,0,0,"alive[j] = (alive[j]-1)",0,0,0);
	trans[0][426]	= settr(425,2,427,1,0,".(goto)", 1, 2, 0); /* m: 427 -> 0,431 */
	reached0[427] = 1;
	trans[0][424]	= settr(423,2,427,2,0,"else", 1, 2, 0);
	trans[0][427]	= settr(426,2,431,135,135,"pipe[((1*2)+j)] = Nothing", 1, 2, 0); /* m: 428 -> 0,431 */
	reached0[428] = 1;
	trans[0][428]	= settr(0,0,0,0,0,"j = (j+1)",0,0,0);
	trans[0][429]	= settr(428,2,434,2,0,"else", 1, 2, 0);
	trans[0][430]	= settr(429,2,434,1,0,"goto :b15", 1, 2, 0); /* m: 434 -> 0,873 */
	reached0[434] = 1;
	trans[0][433]	= settr(432,2,434,1,0,"break", 1, 2, 0);
	trans[0][434]	= settr(433,0,873,136,136,"j = 0", 1, 2, 0); /* m: 435 -> 0,873 */
	reached0[435] = 1;
	trans[0][435]	= settr(0,0,0,0,0,"runner[1] = 0",0,0,0);
	T = trans[ 0][453] = settr(452,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(452,2,438,0,0,"ATOMIC", 1, 2, 0);
	trans[0][438]	= settr(437,2,452,137,137,"(((((!(((driver[1]==Live)||(driver[1]==Locked)))&&(driver[0]!=Ended))&&(driver[1]!=Ended))&&(holder==2))&&(resumes<3)))", 1, 2, 0); /* m: 439 -> 452,0 */
	reached0[439] = 1;
	trans[0][439]	= settr(0,0,0,0,0,"resumes = (resumes+1)",0,0,0);
	trans[0][440]	= settr(0,0,0,0,0,"holder = 1",0,0,0);
	trans[0][441]	= settr(0,0,0,0,0,"driver[1] = Locked",0,0,0);
	T = trans[ 0][452] = settr(451,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(451,0,442,0,0,"sub-sequence", 1, 2, 0);
	trans[0][442]	= settr(441,2,448,138,138,"j = 0", 1, 2, 0);
	trans[0][449]	= settr(448,2,448,1,0,".(goto)", 1, 2, 0);
	T = trans[0][448] = settr(447,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(447,2,443,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(447,2,446,0,0,"DO", 1, 2, 0);
	trans[0][443]	= settr(442,2,448,139,139,"((j<2))", 1, 2, 0); /* m: 444 -> 448,0 */
	reached0[444] = 1;
	trans[0][444]	= settr(0,0,0,0,0,"seen[((1*2)+j)] = Todo",0,0,0);
	trans[0][445]	= settr(0,0,0,0,0,"j = (j+1)",0,0,0);
	trans[0][446]	= settr(445,2,450,2,0,"else", 1, 2, 0);
	trans[0][447]	= settr(446,2,450,1,0,"goto :b16", 1, 2, 0);
	trans[0][450]	= settr(449,2,451,1,0,"break", 1, 2, 0);
	trans[0][451]	= settr(450,0,873,140,140,"j = 0", 1, 2, 0);
	T = trans[ 0][491] = settr(490,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(490,2,454,0,0,"ATOMIC", 1, 2, 0);
	trans[0][454]	= settr(453,2,488,141,141,"(((driver[1]==Locked)&&((!(runner[0])&&!(runner[1]))&&((alive[0]==0)&&(alive[(2-1)]==0)))))", 1, 2, 0); /* m: 455 -> 488,0 */
	reached0[455] = 1;
	trans[0][455]	= settr(0,0,0,0,0,"synced = length",0,0,0);
	T = trans[ 0][488] = settr(487,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(487,0,456,0,0,"sub-sequence", 1, 2, 0);
	trans[0][456]	= settr(455,2,484,142,142,"j = 0", 1, 2, 0);
	trans[0][485]	= settr(484,2,484,1,0,".(goto)", 1, 2, 0);
	T = trans[0][484] = settr(483,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(483,2,457,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(483,2,482,0,0,"DO", 1, 2, 0);
	trans[0][457]	= settr(456,2,471,143,0,"((j<2))", 1, 2, 0);
	T = trans[ 0][471] = settr(470,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(470,0,458,0,0,"sub-sequence", 1, 2, 0);
	trans[0][458]	= settr(457,2,467,144,144,"kind = 0", 1, 2, 0); /* m: 459 -> 0,467 */
	reached0[459] = 1;
	trans[0][459]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][468]	= settr(467,2,467,1,0,".(goto)", 1, 2, 0);
	T = trans[0][467] = settr(466,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(466,2,460,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(466,2,463,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(466,2,465,0,0,"DO", 1, 2, 0);
	trans[0][460]	= settr(459,2,467,145,145,"(((i<length)&&(whose[i]==j)))", 1, 2, 0); /* m: 461 -> 467,0 */
	reached0[461] = 1;
	trans[0][461]	= settr(0,0,0,0,0,"kind = what[i]",0,0,0);
	trans[0][462]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][463]	= settr(462,2,467,146,146,"(((i<length)&&(whose[i]!=j)))", 1, 2, 0); /* m: 464 -> 467,0 */
	reached0[464] = 1;
	trans[0][464]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][465]	= settr(464,2,470,2,0,"else", 1, 2, 0);
	trans[0][466]	= settr(465,2,470,1,0,"goto :b18", 1, 2, 0); /* m: 470 -> 0,478 */
	reached0[470] = 1;
	trans[0][469]	= settr(468,2,470,1,0,"break", 1, 2, 0);
	trans[0][470]	= settr(469,2,478,147,147,"i = 0", 1, 2, 0);
	T = trans[0][478] = settr(477,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(477,2,472,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(477,2,474,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(477,2,476,0,0,"IF", 1, 2, 0);
	trans[0][472]	= settr(471,2,484,148,148,"((kind==Result))", 1, 2, 0); /* m: 473 -> 484,0 */
	reached0[473] = 1;
	trans[0][473]	= settr(0,0,0,0,0,"seen[((1*2)+j)] = Done",0,0,0);
	trans[0][479]	= settr(478,2,480,1,0,".(goto)", 1, 2, 0); /* m: 480 -> 0,484 */
	reached0[480] = 1;
	trans[0][474]	= settr(473,2,484,149,149,"((kind==Intent))", 1, 2, 0); /* m: 475 -> 484,0 */
	reached0[475] = 1;
	trans[0][475]	= settr(0,0,0,0,0,"seen[((1*2)+j)] = Unknown",0,0,0);
	trans[0][476]	= settr(475,2,477,2,0,"else", 1, 2, 0);
	trans[0][477]	= settr(476,2,484,150,150,"seen[((1*2)+j)] = Todo", 1, 2, 0); /* m: 480 -> 0,484 */
	reached0[480] = 1;
	trans[0][480]	= settr(479,2,484,151,151,"pipe[((1*2)+j)] = Nothing", 1, 2, 0); /* m: 481 -> 0,484 */
	reached0[481] = 1;
	trans[0][481]	= settr(0,0,0,0,0,"j = (j+1)",0,0,0);
	trans[0][482]	= settr(481,2,487,2,0,"else", 1, 2, 0);
	trans[0][483]	= settr(482,2,487,1,0,"goto :b17", 1, 2, 0); /* m: 487 -> 0,873 */
	reached0[487] = 1;
	trans[0][486]	= settr(485,2,487,1,0,"break", 1, 2, 0);
	trans[0][487]	= settr(486,0,873,152,152,"j = 0", 1, 2, 0); /* m: 489 -> 0,873 */
	reached0[489] = 1;
	trans[0][489]	= settr(0,0,0,0,0,"driver[1] = Live",0,0,0);
	trans[0][490]	= settr(0,0,0,0,0,"runner[1] = 1",0,0,0);
	T = trans[ 0][501] = settr(500,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(500,2,492,0,0,"ATOMIC", 1, 2, 0);
	trans[0][492]	= settr(491,2,500,153,153,"(((((((driver[1]==Live)&&(resumes>0))&&(resumes<3))&&!(((((seen[((1*2)+0)]==Kept)||(seen[((1*2)+0)]==Sent))||(seen[((1*2)+0)]==Answered))||(seen[((1*2)+0)]==Logged))))&&!(((((seen[((1*2)+(2-1))]==Kept)||(seen[((1*2)+(2-1))]==Sent))||(seen[((1*2)+(2-1))]==Answered))||(seen[((1*2)+(2-1))]==Logged))))&&((seen[((1*2)+0)]==Unknown)||(seen[((1*2)+(2-1))]==Unknown))))", 1, 2, 0); /* m: 493 -> 500,0 */
	reached0[493] = 1;
	trans[0][493]	= settr(0,0,0,0,0,"driver[1] = Stopped",0,0,0);
	T = trans[ 0][500] = settr(499,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(499,0,498,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][498] = settr(497,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(497,2,494,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(497,2,496,0,0,"IF", 1, 2, 0);
	trans[0][494]	= settr(493,0,873,154,154,"((holder==1))", 1, 2, 0); /* m: 495 -> 873,0 */
	reached0[495] = 1;
	trans[0][495]	= settr(0,0,0,0,0,"holder = 2",0,0,0);
	trans[0][499]	= settr(498,0,873,155,155,".(goto)", 1, 2, 0);
	trans[0][496]	= settr(495,2,497,2,0,"else", 1, 2, 0);
	trans[0][497]	= settr(496,0,873,156,156,"(1)", 1, 2, 0); /* m: 499 -> 873,0 */
	reached0[499] = 1;
	T = trans[ 0][512] = settr(511,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(511,2,502,0,0,"ATOMIC", 1, 2, 0);
	trans[0][502]	= settr(501,2,511,157,157,"(((deaths<3)&&((driver[1]==Live)||(driver[1]==Locked))))", 1, 2, 0); /* m: 503 -> 511,0 */
	reached0[503] = 1;
	trans[0][503]	= settr(0,0,0,0,0,"deaths = (deaths+1)",0,0,0);
	trans[0][504]	= settr(0,0,0,0,0,"driver[1] = Dead",0,0,0);
	T = trans[ 0][511] = settr(510,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(510,0,509,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][509] = settr(508,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(508,2,505,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(508,2,507,0,0,"IF", 1, 2, 0);
	trans[0][505]	= settr(504,0,873,158,158,"((holder==1))", 1, 2, 0); /* m: 506 -> 873,0 */
	reached0[506] = 1;
	trans[0][506]	= settr(0,0,0,0,0,"holder = 2",0,0,0);
	trans[0][510]	= settr(509,0,873,159,159,".(goto)", 1, 2, 0);
	trans[0][507]	= settr(506,2,508,2,0,"else", 1, 2, 0);
	trans[0][508]	= settr(507,0,873,160,160,"(1)", 1, 2, 0); /* m: 510 -> 873,0 */
	reached0[510] = 1;
	T = trans[ 0][531] = settr(530,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(530,2,513,0,0,"ATOMIC", 1, 2, 0);
	trans[0][513]	= settr(512,2,530,161,161,"(((deaths<3)&&runner[1]))", 1, 2, 0); /* m: 514 -> 530,0 */
	reached0[514] = 1;
	trans[0][514]	= settr(0,0,0,0,0,"deaths = (deaths+1)",0,0,0);
	trans[0][515]	= settr(0,0,0,0,0,"runner[1] = 0",0,0,0);
	T = trans[ 0][530] = settr(529,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(529,0,516,0,0,"sub-sequence", 1, 2, 0);
	trans[0][516]	= settr(515,2,526,162,162,"j = 0", 1, 2, 0);
	trans[0][527]	= settr(526,2,526,1,0,".(goto)", 1, 2, 0);
	T = trans[0][526] = settr(525,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(525,2,517,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(525,2,524,0,0,"DO", 1, 2, 0);
	trans[0][517]	= settr(516,2,521,163,0,"((j<2))", 1, 2, 0);
	T = trans[0][521] = settr(520,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(520,2,518,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(520,2,520,0,0,"IF", 1, 2, 0);
	trans[0][518]	= settr(517,2,526,164,164,"(((pipe[((1*2)+j)]==Asked)||(pipe[((1*2)+j)]==Running)))", 1, 2, 0); /* m: 519 -> 526,0 */
	reached0[519] = 1;
	trans[0][519]	= settr(0,0,0,0,0,"pipe[((1*2)+j)] = Nothing",0,0,0);
	trans[0][522]	= settr(521,2,523,1,0,".(goto)", 1, 2, 0); /* m: 523 -> 0,526 */
	reached0[523] = 1;
	trans[0][520]	= settr(519,2,523,2,0,"else", 1, 2, 0);
	trans[0][523]	= settr(522,2,526,165,165,"j = (j+1)", 1, 2, 0);
	trans[0][524]	= settr(523,2,528,2,0,"else", 1, 2, 0);
	trans[0][525]	= settr(524,2,528,1,0,"goto :b19", 1, 2, 0);
	trans[0][528]	= settr(527,2,529,1,0,"break", 1, 2, 0);
	trans[0][529]	= settr(528,0,873,166,166,"j = 0", 1, 2, 0);
	T = trans[ 0][534] = settr(533,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(533,2,532,0,0,"ATOMIC", 1, 2, 0);
	trans[0][532]	= settr(531,0,873,167,167,"((((alive[0]>0)&&(pipe[((0*2)+0)]!=Running))&&(pipe[((1*2)+0)]!=Running)))", 1, 2, 0); /* m: 533 -> 873,0 */
	reached0[533] = 1;
	trans[0][533]	= settr(0,0,0,0,0,"alive[0] = (alive[0]-1)",0,0,0);
	T = trans[ 0][546] = settr(545,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(545,2,535,0,0,"ATOMIC", 1, 2, 0);
	trans[0][535]	= settr(534,2,543,168,0,"((((driver[0]==Live)&&(seen[((0*2)+1)]==Todo))&&(length<14)))", 1, 2, 0);
	T = trans[0][543] = settr(542,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(542,2,536,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(542,2,542,0,0,"IF", 1, 2, 0);
	trans[0][536]	= settr(535,2,541,169,0,"((Kept==Kept))", 1, 2, 0);
	T = trans[ 0][541] = settr(540,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(540,0,537,0,0,"sub-sequence", 1, 2, 0);
	trans[0][537]	= settr(536,2,540,170,170,"what[length] = 3", 1, 2, 0); /* m: 538 -> 0,540 */
	reached0[538] = 1;
	trans[0][538]	= settr(0,0,0,0,0,"whose[length] = 1",0,0,0);
	trans[0][539]	= settr(0,0,0,0,0,"length = (length+1)",0,0,0);
	trans[0][540]	= settr(539,0,873,171,171,"(1)", 1, 2, 0); /* m: 544 -> 873,0 */
	reached0[544] = 1;
	trans[0][544]	= settr(543,0,873,172,172,".(goto)", 1, 2, 0); /* m: 545 -> 0,873 */
	reached0[545] = 1;
	trans[0][542]	= settr(541,2,544,2,0,"else", 1, 2, 0);
	trans[0][545]	= settr(0,0,0,0,0,"seen[((0*2)+1)] = Kept",0,0,0);
	T = trans[ 0][568] = settr(567,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(567,2,547,0,0,"ATOMIC", 1, 2, 0);
	trans[0][547]	= settr(546,2,561,173,0,"((((driver[0]==Live)&&(seen[((0*2)+1)]==Kept))&&runner[0]))", 1, 2, 0);
	T = trans[ 0][561] = settr(560,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(560,0,548,0,0,"sub-sequence", 1, 2, 0);
	trans[0][548]	= settr(547,2,557,174,174,"yes = 0", 1, 2, 0); /* m: 549 -> 0,557 */
	reached0[549] = 1;
	trans[0][549]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][558]	= settr(557,2,557,1,0,".(goto)", 1, 2, 0);
	T = trans[0][557] = settr(556,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(556,2,550,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(556,2,553,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(556,2,555,0,0,"DO", 1, 2, 0);
	trans[0][550]	= settr(549,2,557,175,175,"((((i<synced)&&(whose[i]==1))&&(what[i]==3)))", 1, 2, 0); /* m: 551 -> 557,0 */
	reached0[551] = 1;
	trans[0][551]	= settr(0,0,0,0,0,"yes = 1",0,0,0);
	trans[0][552]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][553]	= settr(552,2,557,176,176,"(((i<synced)&&!(((whose[i]==1)&&(what[i]==3)))))", 1, 2, 0); /* m: 554 -> 557,0 */
	reached0[554] = 1;
	trans[0][554]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][555]	= settr(554,2,560,2,0,"else", 1, 2, 0);
	trans[0][556]	= settr(555,2,560,1,0,"goto :b20", 1, 2, 0); /* m: 560 -> 0,566 */
	reached0[560] = 1;
	trans[0][559]	= settr(558,2,560,1,0,"break", 1, 2, 0);
	trans[0][560]	= settr(559,2,566,177,177,"i = 0", 1, 2, 0);
	T = trans[0][566] = settr(565,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(565,2,562,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(565,2,565,0,0,"IF", 1, 2, 0);
	trans[0][562]	= settr(561,0,873,178,178,"(yes)", 1, 2, 0); /* m: 563 -> 873,0 */
	reached0[563] = 1;
	trans[0][563]	= settr(0,0,0,0,0,"pipe[((0*2)+1)] = Asked",0,0,0);
	trans[0][564]	= settr(0,0,0,0,0,"seen[((0*2)+1)] = Sent",0,0,0);
	trans[0][567]	= settr(566,0,873,179,179,".(goto)", 1, 2, 0);
	trans[0][565]	= settr(564,2,567,2,0,"else", 1, 2, 0);
	T = trans[ 0][572] = settr(571,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(571,2,569,0,0,"ATOMIC", 1, 2, 0);
	trans[0][569]	= settr(568,0,873,180,180,"((((driver[0]==Live)&&(seen[((0*2)+1)]==Sent))&&(pipe[((0*2)+1)]==Said)))", 1, 2, 0); /* m: 570 -> 873,0 */
	reached0[570] = 1;
	trans[0][570]	= settr(0,0,0,0,0,"pipe[((0*2)+1)] = Nothing",0,0,0);
	trans[0][571]	= settr(0,0,0,0,0,"seen[((0*2)+1)] = Answered",0,0,0);
	T = trans[ 0][595] = settr(594,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(594,2,573,0,0,"ATOMIC", 1, 2, 0);
	trans[0][573]	= settr(572,2,587,181,0,"((((driver[0]==Live)&&(seen[((0*2)+1)]==Answered))&&(length<14)))", 1, 2, 0);
	T = trans[ 0][587] = settr(586,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(586,0,574,0,0,"sub-sequence", 1, 2, 0);
	trans[0][574]	= settr(573,2,583,182,182,"kind = 0", 1, 2, 0); /* m: 575 -> 0,583 */
	reached0[575] = 1;
	trans[0][575]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][584]	= settr(583,2,583,1,0,".(goto)", 1, 2, 0);
	T = trans[0][583] = settr(582,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(582,2,576,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(582,2,579,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(582,2,581,0,0,"DO", 1, 2, 0);
	trans[0][576]	= settr(575,2,583,183,183,"(((i<length)&&(whose[i]==1)))", 1, 2, 0); /* m: 577 -> 583,0 */
	reached0[577] = 1;
	trans[0][577]	= settr(0,0,0,0,0,"kind = what[i]",0,0,0);
	trans[0][578]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][579]	= settr(578,2,583,184,184,"(((i<length)&&(whose[i]!=1)))", 1, 2, 0); /* m: 580 -> 583,0 */
	reached0[580] = 1;
	trans[0][580]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][581]	= settr(580,2,586,2,0,"else", 1, 2, 0);
	trans[0][582]	= settr(581,2,586,1,0,"goto :b21", 1, 2, 0); /* m: 586 -> 0,593 */
	reached0[586] = 1;
	trans[0][585]	= settr(584,2,586,1,0,"break", 1, 2, 0);
	trans[0][586]	= settr(585,2,593,185,185,"i = 0", 1, 2, 0); /* m: 588 -> 0,593 */
	reached0[588] = 1;
	trans[0][588]	= settr(0,0,0,0,0,"assert((kind==Intent))",0,0,0);
	T = trans[ 0][593] = settr(592,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(592,0,589,0,0,"sub-sequence", 1, 2, 0);
	trans[0][589]	= settr(588,2,592,186,186,"what[length] = 2", 1, 2, 0); /* m: 590 -> 0,592 */
	reached0[590] = 1;
	trans[0][590]	= settr(0,0,0,0,0,"whose[length] = 1",0,0,0);
	trans[0][591]	= settr(0,0,0,0,0,"length = (length+1)",0,0,0);
	trans[0][592]	= settr(591,0,873,187,187,"(1)", 1, 2, 0); /* m: 594 -> 873,0 */
	reached0[594] = 1;
	trans[0][594]	= settr(0,0,0,0,0,"seen[((0*2)+1)] = Logged",0,0,0);
	T = trans[ 0][617] = settr(616,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(616,2,596,0,0,"ATOMIC", 1, 2, 0);
	trans[0][596]	= settr(595,2,610,188,0,"(((driver[0]==Live)&&(seen[((0*2)+1)]==Logged)))", 1, 2, 0);
	T = trans[ 0][610] = settr(609,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(609,0,597,0,0,"sub-sequence", 1, 2, 0);
	trans[0][597]	= settr(596,2,606,189,189,"yes = 0", 1, 2, 0); /* m: 598 -> 0,606 */
	reached0[598] = 1;
	trans[0][598]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][607]	= settr(606,2,606,1,0,".(goto)", 1, 2, 0);
	T = trans[0][606] = settr(605,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(605,2,599,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(605,2,602,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(605,2,604,0,0,"DO", 1, 2, 0);
	trans[0][599]	= settr(598,2,606,190,190,"((((i<synced)&&(whose[i]==1))&&(what[i]==2)))", 1, 2, 0); /* m: 600 -> 606,0 */
	reached0[600] = 1;
	trans[0][600]	= settr(0,0,0,0,0,"yes = 1",0,0,0);
	trans[0][601]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][602]	= settr(601,2,606,191,191,"(((i<synced)&&!(((whose[i]==1)&&(what[i]==2)))))", 1, 2, 0); /* m: 603 -> 606,0 */
	reached0[603] = 1;
	trans[0][603]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][604]	= settr(603,2,609,2,0,"else", 1, 2, 0);
	trans[0][605]	= settr(604,2,609,1,0,"goto :b22", 1, 2, 0); /* m: 609 -> 0,615 */
	reached0[609] = 1;
	trans[0][608]	= settr(607,2,609,1,0,"break", 1, 2, 0);
	trans[0][609]	= settr(608,2,615,192,192,"i = 0", 1, 2, 0);
	T = trans[0][615] = settr(614,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(614,2,611,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(614,2,614,0,0,"IF", 1, 2, 0);
	trans[0][611]	= settr(610,0,873,193,193,"(yes)", 1, 2, 0); /* m: 612 -> 873,0 */
	reached0[612] = 1;
	trans[0][612]	= settr(0,0,0,0,0,"announced[1] = 1",0,0,0);
	trans[0][613]	= settr(0,0,0,0,0,"seen[((0*2)+1)] = Done",0,0,0);
	trans[0][616]	= settr(615,0,873,194,194,".(goto)", 1, 2, 0);
	trans[0][614]	= settr(613,2,616,2,0,"else", 1, 2, 0);
	T = trans[ 0][623] = settr(622,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(622,2,618,0,0,"ATOMIC", 1, 2, 0);
	trans[0][618]	= settr(617,0,873,195,195,"(((((driver[0]==Live)&&!(runner[0]))&&(seen[((0*2)+1)]==Sent))&&(pipe[((0*2)+1)]!=Said)))", 1, 2, 0); /* m: 619 -> 873,0 */
	reached0[619] = 1;
	trans[0][619]	= settr(0,0,0,0,0,"assert((pipe[((0*2)+1)]!=Said))",0,0,0);
	trans[0][620]	= settr(0,0,0,0,0,"seen[((0*2)+1)] = Unknown",0,0,0);
	trans[0][621]	= settr(0,0,0,0,0,"pipe[((0*2)+1)] = Nothing",0,0,0);
	trans[0][622]	= settr(0,0,0,0,0,"alive[1] = 0",0,0,0);
	T = trans[ 0][626] = settr(625,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(625,2,624,0,0,"ATOMIC", 1, 2, 0);
	trans[0][624]	= settr(623,0,873,196,196,"((((driver[0]==Live)&&!(runner[0]))&&(seen[((0*2)+1)]==Kept)))", 1, 2, 0); /* m: 625 -> 873,0 */
	reached0[625] = 1;
	trans[0][625]	= settr(0,0,0,0,0,"seen[((0*2)+1)] = Unknown",0,0,0);
	T = trans[ 0][633] = settr(632,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(632,2,627,0,0,"ATOMIC", 1, 2, 0);
	trans[0][627]	= settr(626,0,873,197,197,"((runner[0]&&(pipe[((0*2)+1)]==Asked)))", 1, 2, 0); /* m: 628 -> 873,0 */
	reached0[628] = 1;
	trans[0][628]	= settr(0,0,0,0,0,"effects[1] = (effects[1]+1)",0,0,0);
	trans[0][629]	= settr(0,0,0,0,0,"alive[1] = (alive[1]+1)",0,0,0);
	trans[0][630]	= settr(0,0,0,0,0,"pipe[((0*2)+1)] = Running",0,0,0);
	trans[0][631]	= settr(0,0,0,0,0,"assert((effects[1]<=(1+orders[1])))",0,0,0);
	trans[0][632]	= settr(0,0,0,0,0,"assert((alive[1]<=1))",0,0,0);
	T = trans[ 0][638] = settr(637,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(637,2,634,0,0,"ATOMIC", 1, 2, 0);
	trans[0][634]	= settr(633,0,873,198,198,"((runner[0]&&(pipe[((0*2)+1)]==Running)))", 1, 2, 0); /* m: 635 -> 873,0 */
	reached0[635] = 1;
	trans[0][635]	= settr(0,0,0,0,0,"alive[1] = (alive[1]-1)",0,0,0);
	trans[0][636]	= settr(0,0,0,0,0,"completed[1] = 1",0,0,0);
	trans[0][637]	= settr(0,0,0,0,0,"pipe[((0*2)+1)] = Said",0,0,0);
	T = trans[ 0][665] = settr(664,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(664,2,639,0,0,"ATOMIC", 1, 2, 0);
	trans[0][639]	= settr(638,2,653,199,0,"(((((driver[0]==Live)&&(resumes>0))&&(seen[((0*2)+1)]==Unknown))&&(length<14)))", 1, 2, 0);
	T = trans[ 0][653] = settr(652,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(652,0,640,0,0,"sub-sequence", 1, 2, 0);
	trans[0][640]	= settr(639,2,649,200,200,"kind = 0", 1, 2, 0); /* m: 641 -> 0,649 */
	reached0[641] = 1;
	trans[0][641]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][650]	= settr(649,2,649,1,0,".(goto)", 1, 2, 0);
	T = trans[0][649] = settr(648,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(648,2,642,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(648,2,645,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(648,2,647,0,0,"DO", 1, 2, 0);
	trans[0][642]	= settr(641,2,649,201,201,"(((i<length)&&(whose[i]==1)))", 1, 2, 0); /* m: 643 -> 649,0 */
	reached0[643] = 1;
	trans[0][643]	= settr(0,0,0,0,0,"kind = what[i]",0,0,0);
	trans[0][644]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][645]	= settr(644,2,649,202,202,"(((i<length)&&(whose[i]!=1)))", 1, 2, 0); /* m: 646 -> 649,0 */
	reached0[646] = 1;
	trans[0][646]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][647]	= settr(646,2,652,2,0,"else", 1, 2, 0);
	trans[0][648]	= settr(647,2,652,1,0,"goto :b23", 1, 2, 0); /* m: 652 -> 0,663 */
	reached0[652] = 1;
	trans[0][651]	= settr(650,2,652,1,0,"break", 1, 2, 0);
	trans[0][652]	= settr(651,2,663,203,203,"i = 0", 1, 2, 0);
	T = trans[0][663] = settr(662,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(662,2,654,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(662,2,662,0,0,"IF", 1, 2, 0);
	trans[0][654]	= settr(653,2,660,204,204,"((kind==Intent))", 1, 2, 0); /* m: 655 -> 660,0 */
	reached0[655] = 1;
	trans[0][655]	= settr(0,0,0,0,0,"orders[1] = (orders[1]+1)",0,0,0);
	T = trans[ 0][660] = settr(659,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(659,0,656,0,0,"sub-sequence", 1, 2, 0);
	trans[0][656]	= settr(655,2,659,205,205,"what[length] = 1", 1, 2, 0); /* m: 657 -> 0,659 */
	reached0[657] = 1;
	trans[0][657]	= settr(0,0,0,0,0,"whose[length] = 1",0,0,0);
	trans[0][658]	= settr(0,0,0,0,0,"length = (length+1)",0,0,0);
	trans[0][659]	= settr(658,0,873,206,206,"(1)", 1, 2, 0); /* m: 661 -> 873,0 */
	reached0[661] = 1;
	trans[0][661]	= settr(0,0,0,0,0,"seen[((0*2)+1)] = Todo",0,0,0);
	trans[0][664]	= settr(663,0,873,207,207,".(goto)", 1, 2, 0);
	trans[0][662]	= settr(661,2,664,2,0,"else", 1, 2, 0);
	T = trans[ 0][677] = settr(676,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(676,2,666,0,0,"ATOMIC", 1, 2, 0);
	trans[0][666]	= settr(665,2,674,208,0,"((((driver[1]==Live)&&(seen[((1*2)+1)]==Todo))&&(length<14)))", 1, 2, 0);
	T = trans[0][674] = settr(673,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(673,2,667,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(673,2,673,0,0,"IF", 1, 2, 0);
	trans[0][667]	= settr(666,2,672,209,0,"((Kept==Kept))", 1, 2, 0);
	T = trans[ 0][672] = settr(671,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(671,0,668,0,0,"sub-sequence", 1, 2, 0);
	trans[0][668]	= settr(667,2,671,210,210,"what[length] = 3", 1, 2, 0); /* m: 669 -> 0,671 */
	reached0[669] = 1;
	trans[0][669]	= settr(0,0,0,0,0,"whose[length] = 1",0,0,0);
	trans[0][670]	= settr(0,0,0,0,0,"length = (length+1)",0,0,0);
	trans[0][671]	= settr(670,0,873,211,211,"(1)", 1, 2, 0); /* m: 675 -> 873,0 */
	reached0[675] = 1;
	trans[0][675]	= settr(674,0,873,212,212,".(goto)", 1, 2, 0); /* m: 676 -> 0,873 */
	reached0[676] = 1;
	trans[0][673]	= settr(672,2,675,2,0,"else", 1, 2, 0);
	trans[0][676]	= settr(0,0,0,0,0,"seen[((1*2)+1)] = Kept",0,0,0);
	T = trans[ 0][699] = settr(698,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(698,2,678,0,0,"ATOMIC", 1, 2, 0);
	trans[0][678]	= settr(677,2,692,213,0,"((((driver[1]==Live)&&(seen[((1*2)+1)]==Kept))&&runner[1]))", 1, 2, 0);
	T = trans[ 0][692] = settr(691,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(691,0,679,0,0,"sub-sequence", 1, 2, 0);
	trans[0][679]	= settr(678,2,688,214,214,"yes = 0", 1, 2, 0); /* m: 680 -> 0,688 */
	reached0[680] = 1;
	trans[0][680]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][689]	= settr(688,2,688,1,0,".(goto)", 1, 2, 0);
	T = trans[0][688] = settr(687,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(687,2,681,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(687,2,684,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(687,2,686,0,0,"DO", 1, 2, 0);
	trans[0][681]	= settr(680,2,688,215,215,"((((i<synced)&&(whose[i]==1))&&(what[i]==3)))", 1, 2, 0); /* m: 682 -> 688,0 */
	reached0[682] = 1;
	trans[0][682]	= settr(0,0,0,0,0,"yes = 1",0,0,0);
	trans[0][683]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][684]	= settr(683,2,688,216,216,"(((i<synced)&&!(((whose[i]==1)&&(what[i]==3)))))", 1, 2, 0); /* m: 685 -> 688,0 */
	reached0[685] = 1;
	trans[0][685]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][686]	= settr(685,2,691,2,0,"else", 1, 2, 0);
	trans[0][687]	= settr(686,2,691,1,0,"goto :b24", 1, 2, 0); /* m: 691 -> 0,697 */
	reached0[691] = 1;
	trans[0][690]	= settr(689,2,691,1,0,"break", 1, 2, 0);
	trans[0][691]	= settr(690,2,697,217,217,"i = 0", 1, 2, 0);
	T = trans[0][697] = settr(696,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(696,2,693,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(696,2,696,0,0,"IF", 1, 2, 0);
	trans[0][693]	= settr(692,0,873,218,218,"(yes)", 1, 2, 0); /* m: 694 -> 873,0 */
	reached0[694] = 1;
	trans[0][694]	= settr(0,0,0,0,0,"pipe[((1*2)+1)] = Asked",0,0,0);
	trans[0][695]	= settr(0,0,0,0,0,"seen[((1*2)+1)] = Sent",0,0,0);
	trans[0][698]	= settr(697,0,873,219,219,".(goto)", 1, 2, 0);
	trans[0][696]	= settr(695,2,698,2,0,"else", 1, 2, 0);
	T = trans[ 0][703] = settr(702,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(702,2,700,0,0,"ATOMIC", 1, 2, 0);
	trans[0][700]	= settr(699,0,873,220,220,"((((driver[1]==Live)&&(seen[((1*2)+1)]==Sent))&&(pipe[((1*2)+1)]==Said)))", 1, 2, 0); /* m: 701 -> 873,0 */
	reached0[701] = 1;
	trans[0][701]	= settr(0,0,0,0,0,"pipe[((1*2)+1)] = Nothing",0,0,0);
	trans[0][702]	= settr(0,0,0,0,0,"seen[((1*2)+1)] = Answered",0,0,0);
	T = trans[ 0][726] = settr(725,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(725,2,704,0,0,"ATOMIC", 1, 2, 0);
	trans[0][704]	= settr(703,2,718,221,0,"((((driver[1]==Live)&&(seen[((1*2)+1)]==Answered))&&(length<14)))", 1, 2, 0);
	T = trans[ 0][718] = settr(717,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(717,0,705,0,0,"sub-sequence", 1, 2, 0);
	trans[0][705]	= settr(704,2,714,222,222,"kind = 0", 1, 2, 0); /* m: 706 -> 0,714 */
	reached0[706] = 1;
	trans[0][706]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][715]	= settr(714,2,714,1,0,".(goto)", 1, 2, 0);
	T = trans[0][714] = settr(713,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(713,2,707,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(713,2,710,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(713,2,712,0,0,"DO", 1, 2, 0);
	trans[0][707]	= settr(706,2,714,223,223,"(((i<length)&&(whose[i]==1)))", 1, 2, 0); /* m: 708 -> 714,0 */
	reached0[708] = 1;
	trans[0][708]	= settr(0,0,0,0,0,"kind = what[i]",0,0,0);
	trans[0][709]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][710]	= settr(709,2,714,224,224,"(((i<length)&&(whose[i]!=1)))", 1, 2, 0); /* m: 711 -> 714,0 */
	reached0[711] = 1;
	trans[0][711]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][712]	= settr(711,2,717,2,0,"else", 1, 2, 0);
	trans[0][713]	= settr(712,2,717,1,0,"goto :b25", 1, 2, 0); /* m: 717 -> 0,724 */
	reached0[717] = 1;
	trans[0][716]	= settr(715,2,717,1,0,"break", 1, 2, 0);
	trans[0][717]	= settr(716,2,724,225,225,"i = 0", 1, 2, 0); /* m: 719 -> 0,724 */
	reached0[719] = 1;
	trans[0][719]	= settr(0,0,0,0,0,"assert((kind==Intent))",0,0,0);
	T = trans[ 0][724] = settr(723,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(723,0,720,0,0,"sub-sequence", 1, 2, 0);
	trans[0][720]	= settr(719,2,723,226,226,"what[length] = 2", 1, 2, 0); /* m: 721 -> 0,723 */
	reached0[721] = 1;
	trans[0][721]	= settr(0,0,0,0,0,"whose[length] = 1",0,0,0);
	trans[0][722]	= settr(0,0,0,0,0,"length = (length+1)",0,0,0);
	trans[0][723]	= settr(722,0,873,227,227,"(1)", 1, 2, 0); /* m: 725 -> 873,0 */
	reached0[725] = 1;
	trans[0][725]	= settr(0,0,0,0,0,"seen[((1*2)+1)] = Logged",0,0,0);
	T = trans[ 0][748] = settr(747,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(747,2,727,0,0,"ATOMIC", 1, 2, 0);
	trans[0][727]	= settr(726,2,741,228,0,"(((driver[1]==Live)&&(seen[((1*2)+1)]==Logged)))", 1, 2, 0);
	T = trans[ 0][741] = settr(740,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(740,0,728,0,0,"sub-sequence", 1, 2, 0);
	trans[0][728]	= settr(727,2,737,229,229,"yes = 0", 1, 2, 0); /* m: 729 -> 0,737 */
	reached0[729] = 1;
	trans[0][729]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][738]	= settr(737,2,737,1,0,".(goto)", 1, 2, 0);
	T = trans[0][737] = settr(736,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(736,2,730,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(736,2,733,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(736,2,735,0,0,"DO", 1, 2, 0);
	trans[0][730]	= settr(729,2,737,230,230,"((((i<synced)&&(whose[i]==1))&&(what[i]==2)))", 1, 2, 0); /* m: 731 -> 737,0 */
	reached0[731] = 1;
	trans[0][731]	= settr(0,0,0,0,0,"yes = 1",0,0,0);
	trans[0][732]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][733]	= settr(732,2,737,231,231,"(((i<synced)&&!(((whose[i]==1)&&(what[i]==2)))))", 1, 2, 0); /* m: 734 -> 737,0 */
	reached0[734] = 1;
	trans[0][734]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][735]	= settr(734,2,740,2,0,"else", 1, 2, 0);
	trans[0][736]	= settr(735,2,740,1,0,"goto :b26", 1, 2, 0); /* m: 740 -> 0,746 */
	reached0[740] = 1;
	trans[0][739]	= settr(738,2,740,1,0,"break", 1, 2, 0);
	trans[0][740]	= settr(739,2,746,232,232,"i = 0", 1, 2, 0);
	T = trans[0][746] = settr(745,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(745,2,742,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(745,2,745,0,0,"IF", 1, 2, 0);
	trans[0][742]	= settr(741,0,873,233,233,"(yes)", 1, 2, 0); /* m: 743 -> 873,0 */
	reached0[743] = 1;
	trans[0][743]	= settr(0,0,0,0,0,"announced[1] = 1",0,0,0);
	trans[0][744]	= settr(0,0,0,0,0,"seen[((1*2)+1)] = Done",0,0,0);
	trans[0][747]	= settr(746,0,873,234,234,".(goto)", 1, 2, 0);
	trans[0][745]	= settr(744,2,747,2,0,"else", 1, 2, 0);
	T = trans[ 0][754] = settr(753,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(753,2,749,0,0,"ATOMIC", 1, 2, 0);
	trans[0][749]	= settr(748,0,873,235,235,"(((((driver[1]==Live)&&!(runner[1]))&&(seen[((1*2)+1)]==Sent))&&(pipe[((1*2)+1)]!=Said)))", 1, 2, 0); /* m: 750 -> 873,0 */
	reached0[750] = 1;
	trans[0][750]	= settr(0,0,0,0,0,"assert((pipe[((1*2)+1)]!=Said))",0,0,0);
	trans[0][751]	= settr(0,0,0,0,0,"seen[((1*2)+1)] = Unknown",0,0,0);
	trans[0][752]	= settr(0,0,0,0,0,"pipe[((1*2)+1)] = Nothing",0,0,0);
	trans[0][753]	= settr(0,0,0,0,0,"alive[1] = 0",0,0,0);
	T = trans[ 0][757] = settr(756,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(756,2,755,0,0,"ATOMIC", 1, 2, 0);
	trans[0][755]	= settr(754,0,873,236,236,"((((driver[1]==Live)&&!(runner[1]))&&(seen[((1*2)+1)]==Kept)))", 1, 2, 0); /* m: 756 -> 873,0 */
	reached0[756] = 1;
	trans[0][756]	= settr(0,0,0,0,0,"seen[((1*2)+1)] = Unknown",0,0,0);
	T = trans[ 0][764] = settr(763,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(763,2,758,0,0,"ATOMIC", 1, 2, 0);
	trans[0][758]	= settr(757,0,873,237,237,"((runner[1]&&(pipe[((1*2)+1)]==Asked)))", 1, 2, 0); /* m: 759 -> 873,0 */
	reached0[759] = 1;
	trans[0][759]	= settr(0,0,0,0,0,"effects[1] = (effects[1]+1)",0,0,0);
	trans[0][760]	= settr(0,0,0,0,0,"alive[1] = (alive[1]+1)",0,0,0);
	trans[0][761]	= settr(0,0,0,0,0,"pipe[((1*2)+1)] = Running",0,0,0);
	trans[0][762]	= settr(0,0,0,0,0,"assert((effects[1]<=(1+orders[1])))",0,0,0);
	trans[0][763]	= settr(0,0,0,0,0,"assert((alive[1]<=1))",0,0,0);
	T = trans[ 0][769] = settr(768,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(768,2,765,0,0,"ATOMIC", 1, 2, 0);
	trans[0][765]	= settr(764,0,873,238,238,"((runner[1]&&(pipe[((1*2)+1)]==Running)))", 1, 2, 0); /* m: 766 -> 873,0 */
	reached0[766] = 1;
	trans[0][766]	= settr(0,0,0,0,0,"alive[1] = (alive[1]-1)",0,0,0);
	trans[0][767]	= settr(0,0,0,0,0,"completed[1] = 1",0,0,0);
	trans[0][768]	= settr(0,0,0,0,0,"pipe[((1*2)+1)] = Said",0,0,0);
	T = trans[ 0][796] = settr(795,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(795,2,770,0,0,"ATOMIC", 1, 2, 0);
	trans[0][770]	= settr(769,2,784,239,0,"(((((driver[1]==Live)&&(resumes>0))&&(seen[((1*2)+1)]==Unknown))&&(length<14)))", 1, 2, 0);
	T = trans[ 0][784] = settr(783,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(783,0,771,0,0,"sub-sequence", 1, 2, 0);
	trans[0][771]	= settr(770,2,780,240,240,"kind = 0", 1, 2, 0); /* m: 772 -> 0,780 */
	reached0[772] = 1;
	trans[0][772]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][781]	= settr(780,2,780,1,0,".(goto)", 1, 2, 0);
	T = trans[0][780] = settr(779,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(779,2,773,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(779,2,776,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(779,2,778,0,0,"DO", 1, 2, 0);
	trans[0][773]	= settr(772,2,780,241,241,"(((i<length)&&(whose[i]==1)))", 1, 2, 0); /* m: 774 -> 780,0 */
	reached0[774] = 1;
	trans[0][774]	= settr(0,0,0,0,0,"kind = what[i]",0,0,0);
	trans[0][775]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][776]	= settr(775,2,780,242,242,"(((i<length)&&(whose[i]!=1)))", 1, 2, 0); /* m: 777 -> 780,0 */
	reached0[777] = 1;
	trans[0][777]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][778]	= settr(777,2,783,2,0,"else", 1, 2, 0);
	trans[0][779]	= settr(778,2,783,1,0,"goto :b27", 1, 2, 0); /* m: 783 -> 0,794 */
	reached0[783] = 1;
	trans[0][782]	= settr(781,2,783,1,0,"break", 1, 2, 0);
	trans[0][783]	= settr(782,2,794,243,243,"i = 0", 1, 2, 0);
	T = trans[0][794] = settr(793,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(793,2,785,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(793,2,793,0,0,"IF", 1, 2, 0);
	trans[0][785]	= settr(784,2,791,244,244,"((kind==Intent))", 1, 2, 0); /* m: 786 -> 791,0 */
	reached0[786] = 1;
	trans[0][786]	= settr(0,0,0,0,0,"orders[1] = (orders[1]+1)",0,0,0);
	T = trans[ 0][791] = settr(790,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(790,0,787,0,0,"sub-sequence", 1, 2, 0);
	trans[0][787]	= settr(786,2,790,245,245,"what[length] = 1", 1, 2, 0); /* m: 788 -> 0,790 */
	reached0[788] = 1;
	trans[0][788]	= settr(0,0,0,0,0,"whose[length] = 1",0,0,0);
	trans[0][789]	= settr(0,0,0,0,0,"length = (length+1)",0,0,0);
	trans[0][790]	= settr(789,0,873,246,246,"(1)", 1, 2, 0); /* m: 792 -> 873,0 */
	reached0[792] = 1;
	trans[0][792]	= settr(0,0,0,0,0,"seen[((1*2)+1)] = Todo",0,0,0);
	trans[0][795]	= settr(794,0,873,247,247,".(goto)", 1, 2, 0);
	trans[0][793]	= settr(792,2,795,2,0,"else", 1, 2, 0);
	T = trans[ 0][799] = settr(798,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(798,2,797,0,0,"ATOMIC", 1, 2, 0);
	trans[0][797]	= settr(796,0,873,248,248,"((((alive[1]>0)&&(pipe[((0*2)+1)]!=Running))&&(pipe[((1*2)+1)]!=Running)))", 1, 2, 0); /* m: 798 -> 873,0 */
	reached0[798] = 1;
	trans[0][798]	= settr(0,0,0,0,0,"alive[1] = (alive[1]-1)",0,0,0);
	T = trans[ 0][856] = settr(855,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(855,2,800,0,0,"ATOMIC", 1, 2, 0);
	trans[0][800]	= settr(799,2,855,249,249,"(((deaths<3)&&(((driver[0]==Live)||(driver[0]==Locked))||((driver[1]==Live)||(driver[1]==Locked)))))", 1, 2, 0); /* m: 801 -> 855,0 */
	reached0[801] = 1;
	trans[0][801]	= settr(0,0,0,0,0,"deaths = (deaths+1)",0,0,0);
	T = trans[ 0][855] = settr(854,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(854,0,805,0,0,"sub-sequence", 1, 2, 0);
	trans[0][806]	= settr(805,2,805,1,0,".(goto)", 1, 2, 0);
	T = trans[0][805] = settr(804,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(804,2,802,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(804,2,804,0,0,"DO", 1, 2, 0);
	trans[0][802]	= settr(801,2,805,250,250,"((length>synced))", 1, 2, 0); /* m: 803 -> 805,0 */
	reached0[803] = 1;
	trans[0][803]	= settr(0,0,0,0,0,"length = (length-1)",0,0,0);
	trans[0][804]	= settr(803,2,821,251,251,"goto :b28", 1, 2, 0); /* m: 808 -> 0,821 */
	reached0[808] = 1;
	trans[0][807]	= settr(806,2,808,1,0,"break", 1, 2, 0);
	trans[0][808]	= settr(807,2,821,252,252,"synced = length", 1, 2, 0); /* m: 809 -> 0,821 */
	reached0[809] = 1;
	trans[0][809]	= settr(0,0,0,0,0,"holder = 2",0,0,0);
	trans[0][810]	= settr(0,0,0,0,0,"j = 0",0,0,0);
	trans[0][822]	= settr(821,2,821,1,0,".(goto)", 1, 2, 0);
	T = trans[0][821] = settr(820,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(820,2,811,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(820,2,819,0,0,"DO", 1, 2, 0);
	trans[0][811]	= settr(810,2,815,253,0,"((j<2))", 1, 2, 0);
	T = trans[0][815] = settr(814,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(814,2,812,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(814,2,814,0,0,"IF", 1, 2, 0);
	trans[0][812]	= settr(811,2,821,254,254,"(((driver[j]==Live)||(driver[j]==Locked)))", 1, 2, 0); /* m: 813 -> 821,0 */
	reached0[813] = 1;
	trans[0][813]	= settr(0,0,0,0,0,"driver[j] = Dead",0,0,0);
	trans[0][816]	= settr(815,2,817,1,0,".(goto)", 1, 2, 0); /* m: 817 -> 0,821 */
	reached0[817] = 1;
	trans[0][814]	= settr(813,2,817,2,0,"else", 1, 2, 0);
	trans[0][817]	= settr(816,2,821,255,255,"runner[j] = 0", 1, 2, 0); /* m: 818 -> 0,821 */
	reached0[818] = 1;
	trans[0][818]	= settr(0,0,0,0,0,"j = (j+1)",0,0,0);
	trans[0][819]	= settr(818,2,824,2,0,"else", 1, 2, 0);
	trans[0][820]	= settr(819,2,824,1,0,"goto :b29", 1, 2, 0); /* m: 824 -> 0,851 */
	reached0[824] = 1;
	trans[0][823]	= settr(822,2,824,1,0,"break", 1, 2, 0);
	trans[0][824]	= settr(823,2,851,256,256,"j = 0", 1, 2, 0);
	trans[0][852]	= settr(851,2,851,1,0,".(goto)", 1, 2, 0);
	T = trans[0][851] = settr(850,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(850,2,825,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(850,2,849,0,0,"DO", 1, 2, 0);
	trans[0][825]	= settr(824,2,846,257,257,"((j<2))", 1, 2, 0); /* m: 826 -> 846,0 */
	reached0[826] = 1;
	trans[0][826]	= settr(0,0,0,0,0,"pipe[((0*2)+j)] = Nothing",0,0,0);
	trans[0][827]	= settr(0,0,0,0,0,"pipe[((1*2)+j)] = Nothing",0,0,0);
	trans[0][828]	= settr(0,0,0,0,0,"alive[j] = 0",0,0,0);
	T = trans[0][846] = settr(845,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(845,2,829,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(845,2,845,0,0,"IF", 1, 2, 0);
	trans[0][829]	= settr(828,2,843,258,0,"(announced[j])", 1, 2, 0);
	T = trans[ 0][843] = settr(842,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(842,0,830,0,0,"sub-sequence", 1, 2, 0);
	trans[0][830]	= settr(829,2,839,259,259,"yes = 0", 1, 2, 0); /* m: 831 -> 0,839 */
	reached0[831] = 1;
	trans[0][831]	= settr(0,0,0,0,0,"i = 0",0,0,0);
	trans[0][840]	= settr(839,2,839,1,0,".(goto)", 1, 2, 0);
	T = trans[0][839] = settr(838,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(838,2,832,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(838,2,835,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(838,2,837,0,0,"DO", 1, 2, 0);
	trans[0][832]	= settr(831,2,839,260,260,"((((i<synced)&&(whose[i]==j))&&(what[i]==2)))", 1, 2, 0); /* m: 833 -> 839,0 */
	reached0[833] = 1;
	trans[0][833]	= settr(0,0,0,0,0,"yes = 1",0,0,0);
	trans[0][834]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][835]	= settr(834,2,839,261,261,"(((i<synced)&&!(((whose[i]==j)&&(what[i]==2)))))", 1, 2, 0); /* m: 836 -> 839,0 */
	reached0[836] = 1;
	trans[0][836]	= settr(0,0,0,0,0,"i = (i+1)",0,0,0);
	trans[0][837]	= settr(836,2,842,2,0,"else", 1, 2, 0);
	trans[0][838]	= settr(837,2,842,1,0,"goto :b31", 1, 2, 0); /* m: 842 -> 0,851 */
	reached0[842] = 1;
	trans[0][841]	= settr(840,2,842,1,0,"break", 1, 2, 0);
	trans[0][842]	= settr(841,2,851,262,262,"i = 0", 1, 2, 0); /* m: 844 -> 0,851 */
	reached0[844] = 1;
	trans[0][844]	= settr(0,0,0,0,0,"assert(yes)",0,0,0);
	trans[0][847]	= settr(846,2,848,1,0,".(goto)", 1, 2, 0); /* m: 848 -> 0,851 */
	reached0[848] = 1;
	trans[0][845]	= settr(844,2,848,2,0,"else", 1, 2, 0);
	trans[0][848]	= settr(847,2,851,263,263,"j = (j+1)", 1, 2, 0);
	trans[0][849]	= settr(848,2,853,2,0,"else", 1, 2, 0);
	trans[0][850]	= settr(849,2,853,1,0,"goto :b30", 1, 2, 0);
	trans[0][853]	= settr(852,2,854,1,0,"break", 1, 2, 0);
	trans[0][854]	= settr(853,0,873,264,264,"j = 0", 1, 2, 0);
	T = trans[ 0][872] = settr(871,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(871,2,857,0,0,"ATOMIC", 1, 2, 0);
	trans[0][857]	= settr(856,2,868,265,265,"((((((((driver[0]==Ended)||(driver[1]==Ended))||(resumes==3))&&!(((driver[0]==Live)||(driver[0]==Locked))))&&!(((driver[1]==Live)||(driver[1]==Locked))))&&!(runner[0]))&&!(runner[1])))", 1, 2, 0); /* m: 858 -> 868,0 */
	reached0[858] = 1;
	trans[0][858]	= settr(0,0,0,0,0,"j = 0",0,0,0);
	trans[0][869]	= settr(868,2,868,1,0,".(goto)", 1, 2, 0);
	T = trans[0][868] = settr(867,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(867,2,859,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(867,2,866,0,0,"DO", 1, 2, 0);
	trans[0][859]	= settr(858,2,863,266,0,"((j<2))", 1, 2, 0);
	T = trans[0][863] = settr(862,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(862,2,860,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(862,2,862,0,0,"IF", 1, 2, 0);
	trans[0][860]	= settr(859,2,868,267,267,"(announced[j])", 1, 2, 0); /* m: 861 -> 868,0 */
	reached0[861] = 1;
	trans[0][861]	= settr(0,0,0,0,0,"assert(completed[j])",0,0,0);
	trans[0][864]	= settr(863,2,865,1,0,".(goto)", 1, 2, 0); /* m: 865 -> 0,868 */
	reached0[865] = 1;
	trans[0][862]	= settr(861,2,865,2,0,"else", 1, 2, 0);
	trans[0][865]	= settr(864,2,868,268,268,"j = (j+1)", 1, 2, 0);
	trans[0][866]	= settr(865,2,870,2,0,"else", 1, 2, 0);
	trans[0][867]	= settr(866,2,870,1,0,"goto :b32", 1, 2, 0);
	trans[0][870]	= settr(869,2,871,1,0,"break", 1, 2, 0);
	trans[0][871]	= settr(870,0,876,1,0,"goto :b1", 1, 2, 0);
	trans[0][875]	= settr(874,0,876,1,0,"break", 0, 2, 0);
	trans[0][876]	= settr(875,0,0,269,269,"-end-", 0, 3500, 0);
	/* np_ demon: */
	trans[_NP_] = (Trans **) emalloc(3*sizeof(Trans *));
	T = trans[_NP_][0] = settr(9997,0,1,_T5,0,"(np_)", 1,2,0);
	    T->nxt	  = settr(9998,0,0,_T2,0,"(1)",   0,2,0);
	T = trans[_NP_][1] = settr(9999,0,1,_T5,0,"(np_)", 1,2,0);
}

Trans *
settr(	int t_id, int a, int b, int c, int d,
	char *t, int g, int tpe0, int tpe1)
{	Trans *tmp = (Trans *) emalloc(sizeof(Trans));

	tmp->atom  = a&(6|32);	/* only (2|8|32) have meaning */
	if (!g) tmp->atom |= 8;	/* no global references */
	tmp->st    = b;
	tmp->tpe[0] = tpe0;
	tmp->tpe[1] = tpe1;
	tmp->tp    = t;
	tmp->t_id  = t_id;
	tmp->forw  = c;
	tmp->back  = d;
	return tmp;
}

Trans *
cpytr(Trans *a)
{	Trans *tmp = (Trans *) emalloc(sizeof(Trans));

	int i;
	tmp->atom  = a->atom;
	tmp->st    = a->st;
#ifdef HAS_UNLESS
	tmp->e_trans = a->e_trans;
	for (i = 0; i < HAS_UNLESS; i++)
		tmp->escp[i] = a->escp[i];
#endif
	tmp->tpe[0] = a->tpe[0];
	tmp->tpe[1] = a->tpe[1];
	for (i = 0; i < 6; i++)
	{	tmp->qu[i] = a->qu[i];
		tmp->ty[i] = a->ty[i];
	}
	tmp->tp    = (char *) emalloc(strlen(a->tp)+1);
	strcpy(tmp->tp, a->tp);
	tmp->t_id  = a->t_id;
	tmp->forw  = a->forw;
	tmp->back  = a->back;
	return tmp;
}

#ifndef NOREDUCE
int
srinc_set(int n)
{	if (n <= 2) return LOCAL;
	if (n <= 2+  DELTA) return Q_FULL_F; /* 's' or nfull  */
	if (n <= 2+2*DELTA) return Q_EMPT_F; /* 'r' or nempty */
	if (n <= 2+3*DELTA) return Q_EMPT_T; /* empty */
	if (n <= 2+4*DELTA) return Q_FULL_T; /* full  */
	if (n ==   5*DELTA) return GLOBAL;
	if (n ==   6*DELTA) return TIMEOUT_F;
	if (n ==   7*DELTA) return ALPHA_F;
	Uerror("cannot happen srinc_class");
	return BAD;
}
int
srunc(int n, int m)
{	switch(m) {
	case Q_FULL_F: return n-2;
	case Q_EMPT_F: return n-2-DELTA;
	case Q_EMPT_T: return n-2-2*DELTA;
	case Q_FULL_T: return n-2-3*DELTA;
	case ALPHA_F:
	case TIMEOUT_F: return 257; /* non-zero, and > MAXQ */
	}
	Uerror("cannot happen srunc");
	return 0;
}
#endif
int cnt;
#ifdef HAS_UNLESS
int
isthere(Trans *a, int b)
{	Trans *t;
	for (t = a; t; t = t->nxt)
		if (t->t_id == b)
			return 1;
	return 0;
}
#endif
#ifndef NOREDUCE
int
mark_safety(Trans *t) /* for conditional safety */
{	int g = 0, i, j, k;

	if (!t) return 0;
	if (t->qu[0])
		return (t->qu[1])?2:1;	/* marked */

	for (i = 0; i < 2; i++)
	{	j = srinc_set(t->tpe[i]);
		if (j >= GLOBAL && j != ALPHA_F)
			return -1;
		if (j != LOCAL)
		{	k = srunc(t->tpe[i], j);
			if (g == 0
			||  t->qu[0] != k
			||  t->ty[0] != j)
			{	t->qu[g] = k;
				t->ty[g] = j;
				g++;
	}	}	}
	return g;
}
#endif
void
retrans(int n, int m, int is, short srcln[], uchar reach[], uchar lpstate[])
	/* process n, with m states, is=initial state */
{	Trans *T0, *T1, *T2, *T3;
	Trans *T4, *T5; /* t_reverse or has_unless */
	int i;
#if defined(HAS_UNLESS) || !defined(NOREDUCE)
	int k;
#endif
#ifndef NOREDUCE
	int g, h, j, aa;
#endif
#ifdef HAS_UNLESS
	int p;
#endif
	if (state_tables >= 4)
	{	printf("STEP 1 %s\n", 
			procname[n]);
		for (i = 1; i < m; i++)
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			crack(n, i, T0, srcln);
		return;
	}
	do {
		for (i = 1, cnt = 0; i < m; i++)
		{	T2 = trans[n][i];
			T1 = T2?T2->nxt:(Trans *)0;
/* prescan: */		for (T0 = T1; T0; T0 = T0->nxt)
/* choice in choice */	{	if (T0->st && trans[n][T0->st]
				&&  trans[n][T0->st]->nxt)
					break;
			}
#if 0
		if (T0)
		printf("\tstate %d / %d: choice in choice\n",
		i, T0->st);
#endif
			if (T0)
			for (T0 = T1; T0; T0 = T0->nxt)
			{	T3 = trans[n][T0->st];
				if (!T3->nxt)
				{	T2->nxt = cpytr(T0);
					T2 = T2->nxt;
					imed(T2, T0->st, n, i);
					continue;
				}
				do {	T3 = T3->nxt;
					T2->nxt = cpytr(T3);
					T2 = T2->nxt;
					imed(T2, T0->st, n, i);
				} while (T3->nxt);
				cnt++;
			}
		}
	} while (cnt);
	if (state_tables >= 3)
	{	printf("STEP 2 %s\n", 
			procname[n]);
		for (i = 1; i < m; i++)
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			crack(n, i, T0, srcln);
		return;
	}
	for (i = 1; i < m; i++)
	{	if (trans[n][i] && trans[n][i]->nxt) /* optimize */
		{	T1 = trans[n][i]->nxt;
#if 0
			printf("\t\tpull %d (%d) to %d\n",
			T1->st, T1->forw, i);
#endif
			srcln[i] = srcln[T1->st];	/* Oyvind Teig, 5.2.0 */

			if (!trans[n][T1->st]) continue;
			T0 = cpytr(trans[n][T1->st]);
			trans[n][i] = T0;
			reach[T1->st] = 1;
			imed(T0, T1->st, n, i);
			for (T1 = T1->nxt; T1; T1 = T1->nxt)
			{
#if 0
			printf("\t\tpull %d (%d) to %d\n",
				T1->st, T1->forw, i);
#endif
		/*		srcln[i] = srcln[T1->st];  gh: not useful */
				if (!trans[n][T1->st]) continue;
				T0->nxt = cpytr(trans[n][T1->st]);
				T0 = T0->nxt;
				reach[T1->st] = 1;
				imed(T0, T1->st, n, i);
	}	}	}
	if (state_tables >= 2)
	{	printf("STEP 3 %s\n", 
			procname[n]);
		for (i = 1; i < m; i++)
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			crack(n, i, T0, srcln);
		return;
	}
#ifdef HAS_UNLESS
	for (i = 1; i < m; i++)
	{	if (!trans[n][i]) continue;
		/* check for each state i if an
		 * escape to some state p is defined
		 * if so, copy and mark p's transitions
		 * and prepend them to the transition-
		 * list of state i
		 */
	 if (!like_java) /* the default */
	 {	for (T0 = trans[n][i]; T0; T0 = T0->nxt)
		for (k = HAS_UNLESS-1; k >= 0; k--)
		{	if (p = T0->escp[k])
			for (T1 = trans[n][p]; T1; T1 = T1->nxt)
			{	if (isthere(trans[n][i], T1->t_id))
					continue;
				T2 = cpytr(T1);
				T2->e_trans = p;
				T2->nxt = trans[n][i];
				trans[n][i] = T2;
		}	}
	 } else /* outermost unless checked first */
	 {	T4 = T3 = (Trans *) 0;
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
		for (k = HAS_UNLESS-1; k >= 0; k--)
		{	if (p = T0->escp[k])
			for (T1 = trans[n][p]; T1; T1 = T1->nxt)
			{	if (isthere(trans[n][i], T1->t_id))
					continue;
				T2 = cpytr(T1);
				T2->nxt = (Trans *) 0;
				T2->e_trans = p;
				if (T3)	T3->nxt = T2;
				else	T4 = T2;
				T3 = T2;
		}	}
		if (T4)
		{	T3->nxt = trans[n][i];
			trans[n][i] = T4;
		}
	 }
	}
#endif
#ifndef NOREDUCE
	for (i = 1; i < m; i++)
	{	if (a_cycles)
		{ /* moves through these states are visible */
	#if PROG_LAB>0 && defined(HAS_NP)
			if (progstate[n][i])
				goto degrade;
			for (T1 = trans[n][i]; T1; T1 = T1->nxt)
				if (progstate[n][T1->st])
					goto degrade;
	#endif
			if (accpstate[n][i] || visstate[n][i])
				goto degrade;
			for (T1 = trans[n][i]; T1; T1 = T1->nxt)
				if (accpstate[n][T1->st])
					goto degrade;
		}
		T1 = trans[n][i];
		if (!T1) continue;
		g = mark_safety(T1);	/* V3.3.1 */
		if (g < 0) goto degrade; /* global */
		/* check if mixing of guards preserves reduction */
		if (T1->nxt)
		{	k = 0;
			for (T0 = T1; T0; T0 = T0->nxt)
			{	if (!(T0->atom&8))
					goto degrade;
				for (aa = 0; aa < 2; aa++)
				{	j = srinc_set(T0->tpe[aa]);
					if (j >= GLOBAL && j != ALPHA_F)
						goto degrade;
					if (T0->tpe[aa]
					&&  T0->tpe[aa]
					!=  T1->tpe[0])
						k = 1;
			}	}
			/* g = 0;	V3.3.1 */
			if (k)	/* non-uniform selection */
			for (T0 = T1; T0; T0 = T0->nxt)
			for (aa = 0; aa < 2; aa++)
			{	j = srinc_set(T0->tpe[aa]);
				if (j != LOCAL)
				{	k = srunc(T0->tpe[aa], j);
					for (h = 0; h < 6; h++)
						if (T1->qu[h] == k
						&&  T1->ty[h] == j)
							break;
					if (h >= 6)
					{	T1->qu[g%6] = k;
						T1->ty[g%6] = j;
						g++;
			}	}	}
			if (g > 6)
			{	T1->qu[0] = 0;	/* turn it off */
				printf("pan: warning, line %d, ",
					srcln[i]);
			 	printf("too many stmnt types (%d)",
					g);
			  	printf(" in selection\n");
			  goto degrade;
			}
		}
		/* mark all options global if >=1 is global */
		for (T1 = trans[n][i]; T1; T1 = T1->nxt)
			if (!(T1->atom&8)) break;
		if (T1)
degrade:	for (T1 = trans[n][i]; T1; T1 = T1->nxt)
			T1->atom &= ~8;	/* mark as unsafe */
		/* can only mix 'r's or 's's if on same chan */
		/* and not mixed with other local operations */
		T1 = trans[n][i];
		if (!T1 || T1->qu[0]) continue;
		j = T1->tpe[0];
		if (T1->nxt && T1->atom&8)
		{ if (j == 5*DELTA)
		  {	printf("warning: line %d ", srcln[i]);
			printf("mixed condition ");
			printf("(defeats reduction)\n");
			goto degrade;
		  }
		  for (T0 = T1; T0; T0 = T0->nxt)
		  for (aa = 0; aa < 2; aa++)
		  if  (T0->tpe[aa] && T0->tpe[aa] != j)
		  {	printf("warning: line %d ", srcln[i]);
			printf("[%d-%d] mixed %stion ",
				T0->tpe[aa], j, 
				(j==5*DELTA)?"condi":"selec");
			printf("(defeats reduction)\n");
			printf("	'%s' <-> '%s'\n",
				T1->tp, T0->tp);
			goto degrade;
		} }
	}
#endif
	for (i = 1; i < m; i++)
	{	T2 = trans[n][i];
		if (!T2
		||  T2->nxt
		||  strncmp(T2->tp, ".(goto)", 7)
		||  !stopstate[n][i])
			continue;
		stopstate[n][T2->st] = 1;
	}
	if (state_tables && !verbose)
	{	if (dodot)
		{	char buf[256], *q = buf, *p = procname[n];
			while (*p != '\0')
			{	if (*p != ':')
				{	*q++ = *p;
				}
				p++;
			}
			*q = '\0';
			printf("digraph ");
			switch (Btypes[n]) {
			case I_PROC:  printf("init {\n"); break;
			case N_CLAIM: printf("claim_%s {\n", buf); break;
			case E_TRACE: printf("notrace {\n"); break;
			case N_TRACE: printf("trace {\n"); break;
			default:      printf("p_%s {\n", buf); break;
			}
			printf("size=\"8,10\";\n");
			printf("  GT [shape=box,style=dotted,label=\"%s\"];\n", buf);
			printf("  GT -> S%d;\n", is);
		} else
		{	switch (Btypes[n]) {
			case I_PROC:  printf("init\n"); break;
			case N_CLAIM: printf("claim %s\n", procname[n]); break;
			case E_TRACE: printf("notrace assertion\n"); break;
			case N_TRACE: printf("trace assertion\n"); break;
			default:      printf("proctype %s\n", procname[n]); break;
		}	}
		for (i = 1; i < m; i++)
		{	reach[i] = 1;
		}
		tagtable(n, m, is, srcln, reach);
		if (dodot) printf("}\n");
	} else
	for (i = 1; i < m; i++)
	{	int nrelse;
		if (Btypes[n] != N_CLAIM)
		{	for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			{	if (T0->st == i
				&& strcmp(T0->tp, "(1)") == 0)
				{	printf("error: proctype '%s' ",
						procname[n]);
		  			printf("line %d, state %d: has un",
						srcln[i], i);
					printf("conditional self-loop\n");
					pan_exit(1);
		}	}	}
		nrelse = 0;
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
		{	if (strcmp(T0->tp, "else") == 0)
				nrelse++;
		}
		if (nrelse > 1)
		{	printf("error: proctype '%s' state",
				procname[n]);
		  	printf(" %d, inherits %d", i, nrelse);
		  	printf(" 'else' stmnts\n");
			pan_exit(1);
	}	}
#if !defined(LOOPSTATE) && !defined(BFS_PAR)
	if (state_tables)
#endif
	do_dfs(n, m, is, srcln, reach, lpstate);

	if (!t_reverse)
	{	return;
	}
	/* process n, with m states, is=initial state -- reverse list */
	if (!state_tables && Btypes[n] != N_CLAIM)
	{	for (i = 1; i < m; i++)
		{	Trans *Tx = (Trans *) 0; /* list of escapes */
			Trans *Ty = (Trans *) 0; /* its tail element */
			T1 = (Trans *) 0; /* reversed list */
			T2 = (Trans *) 0; /* its tail */
			T3 = (Trans *) 0; /* remembers possible 'else' */

			/* find unless-escapes, they should go first */
			T4 = T5 = T0 = trans[n][i];
	#ifdef HAS_UNLESS
			while (T4 && T4->e_trans) /* escapes are first in orig list */
			{	T5 = T4;	  /* remember predecessor */
				T4 = T4->nxt;
			}
	#endif
			/* T4 points to first non-escape, T5 to its parent, T0 to original list */
			if (T4 != T0)		 /* there was at least one escape */
			{	T3 = T5->nxt;		 /* start of non-escapes */
				T5->nxt = (Trans *) 0;	 /* separate */
				Tx = T0;		 /* start of the escapes */
				Ty = T5;		 /* its tail */
				T0 = T3;		 /* the rest, to be reversed */
			}
			/* T0 points to first non-escape, Tx to the list of escapes, Ty to its tail */

			/* first tail-add non-escape transitions, reversed */
			T3 = (Trans *) 0;
			for (T5 = T0; T5; T5 = T4)
			{	T4 = T5->nxt;
	#ifdef HAS_UNLESS
				if (T5->e_trans)
				{	printf("error: cannot happen!\n");
					continue;
				}
	#endif
				if (strcmp(T5->tp, "else") == 0)
				{	T3 = T5;
					T5->nxt = (Trans *) 0;
				} else
				{	T5->nxt = T1;
					if (!T1) { T2 = T5; }
					T1 = T5;
			}	}
			/* T3 points to a possible else, which is removed from the list */
			/* T1 points to the reversed list so far (without escapes) */
			/* T2 points to the tail element -- where the else should go */
			if (T2 && T3)
			{	T2->nxt = T3;	/* add else */
			} else
			{	if (T3) /* there was an else, but there's no tail */
				{	if (!T1)	/* and no reversed list */
					{	T1 = T3; /* odd, but possible */
					} else		/* even stranger */
					{	T1->nxt = T3;
			}	}	}

			/* add in the escapes, to that they appear at the front */
			if (Tx && Ty) { Ty->nxt = T1; T1 = Tx; }

			trans[n][i] = T1;
			/* reversed, with escapes first and else last */
	}	}
	if (state_tables && verbose)
	{	printf("FINAL proctype %s\n", 
			procname[n]);
		for (i = 1; i < m; i++)
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			crack(n, i, T0, srcln);
	}
}
void
imed(Trans *T, int v, int n, int j)	/* set intermediate state */
{	progstate[n][T->st] |= progstate[n][v];
	accpstate[n][T->st] |= accpstate[n][v];
	stopstate[n][T->st] |= stopstate[n][v];
	mapstate[n][j] = T->st;
}
void
tagtable(int n, int m, int is, short srcln[], uchar reach[])
{	Trans *z;

	if (is >= m || !trans[n][is]
	||  is <= 0 || reach[is] == 0)
		return;
	reach[is] = 0;
	if (state_tables)
	for (z = trans[n][is]; z; z = z->nxt)
	{	if (dodot)
			dot_crack(n, is, z);
		else
			crack(n, is, z, srcln);
	}

	for (z = trans[n][is]; z; z = z->nxt)
	{
#ifdef HAS_UNLESS
		int i, j;
#endif
		tagtable(n, m, z->st, srcln, reach);
#ifdef HAS_UNLESS
		for (i = 0; i < HAS_UNLESS; i++)
		{	j = trans[n][is]->escp[i];
			if (!j) break;
			tagtable(n, m, j, srcln, reach);
		}
#endif
	}
}

extern Trans *t_id_lkup[];

void
dfs_table(int n, int m, int is, short srcln[], uchar reach[], uchar lpstate[])
{	Trans *z;

	if (is >= m || is <= 0 || !trans[n][is])
		return;
	if ((reach[is] & (4|8|16)) != 0)
	{	if ((reach[is] & (8|16)) == 16)	/* on stack, not yet recorded */
		{	lpstate[is] = 1;
			reach[is] |= 8; /* recorded */
			if (state_tables && verbose)
			{	printf("state %d line %d is a loopstate\n", is, srcln[is]);
		}	}
		return;
	}
	reach[is] |= (4|16);	/* visited | onstack */
	for (z = trans[n][is]; z; z = z->nxt)
	{	t_id_lkup[z->t_id] = z;
#ifdef HAS_UNLESS
		int i, j;
#endif
		dfs_table(n, m, z->st, srcln, reach, lpstate);
#ifdef HAS_UNLESS
		for (i = 0; i < HAS_UNLESS; i++)
		{	j = trans[n][is]->escp[i];
			if (!j) break;
			dfs_table(n, m, j, srcln, reach, lpstate);
		}
#endif
	}
	reach[is] &= ~16; /* no longer on stack */
}
void
do_dfs(int n, int m, int is, short srcln[], uchar reach[], uchar lpstate[])
{	int i;
	dfs_table(n, m, is, srcln, reach, lpstate);
	for (i = 0; i < m; i++)
		reach[i] &= ~(4|8|16);
}
void
crack(int n, int j, Trans *z, short srcln[])
{	int i;

	if (!z) return;
	printf("	state %3d -(tr %3d)-> state %3d  ",
		j, z->forw, z->st);
	printf("[id %3d tp %3d", z->t_id, z->tpe[0]);
	if (z->tpe[1]) printf(",%d", z->tpe[1]);
#ifdef HAS_UNLESS
	if (z->e_trans)
		printf(" org %3d", z->e_trans);
	else if (state_tables >= 2)
	for (i = 0; i < HAS_UNLESS; i++)
	{	if (!z->escp[i]) break;
		printf(" esc %d", z->escp[i]);
	}
#endif
	printf("]");
	printf(" [%s%s%s%s%s] %s:%d => ",
		z->atom&6?"A":z->atom&32?"D":"-",
		accpstate[n][j]?"a" :"-",
		stopstate[n][j]?"e" : "-",
		progstate[n][j]?"p" : "-",
		z->atom & 8 ?"L":"G",
		PanSource, srcln[j]);
	for (i = 0; z->tp[i]; i++)
		if (z->tp[i] == '\n')
			printf("\\n");
		else
			putchar(z->tp[i]);
	if (verbose && z->qu[0])
	{	printf("\t[");
		for (i = 0; i < 6; i++)
			if (z->qu[i])
				printf("(%d,%d)",
				z->qu[i], z->ty[i]);
		printf("]");
	}
	printf("\n");
	fflush(stdout);
}
/* spin -a m.pml; cc -o pan pan.c; ./pan -D | dot -Tps > foo.ps; ps2pdf foo.ps */
void
dot_crack(int n, int j, Trans *z)
{	int i;

	if (!z) return;
	printf("	S%d -> S%d  [color=black", j, z->st);

	if (z->atom&6) printf(",style=dashed");
	else if (z->atom&32) printf(",style=dotted");
	else if (z->atom&8) printf(",style=solid");
	else printf(",style=bold");

	printf(",label=\"");
	for (i = 0; z->tp[i]; i++)
	{	if (z->tp[i] == '\\'
		&&  z->tp[i+1] == 'n')
		{	i++; printf(" ");
		} else
		{	putchar(z->tp[i]);
	}	}
	printf("\"];\n");
	if (accpstate[n][j]) printf("  S%d [color=red,style=bold];\n", j);
	else if (progstate[n][j]) printf("  S%d [color=green,style=bold];\n", j);
	if (stopstate[n][j]) printf("  S%d [color=blue,style=bold,shape=box];\n", j);
}

#ifdef VAR_RANGES
#define BYTESIZE	32	/* 2^8 : 2^3 = 256:8 = 32 */

typedef struct Vr_Ptr {
	char	*nm;
	uchar	vals[BYTESIZE];
	struct Vr_Ptr *nxt;
} Vr_Ptr;
Vr_Ptr *ranges = (Vr_Ptr *) 0;

void
logval(char *s, int v)
{	Vr_Ptr *tmp;

	if (v<0 || v > 255) return;
	for (tmp = ranges; tmp; tmp = tmp->nxt)
		if (!strcmp(tmp->nm, s))
			goto found;
	tmp = (Vr_Ptr *) emalloc(sizeof(Vr_Ptr));
	tmp->nxt = ranges;
	ranges = tmp;
	tmp->nm = s;
found:
	tmp->vals[(v)/8] |= 1<<((v)%8);
}

void
dumpval(uchar X[], int range)
{	int w, x, i, j = -1;

	for (w = i = 0; w < range; w++)
	for (x = 0; x < 8; x++, i++)
	{
from:		if ((X[w] & (1<<x)))
		{	printf("%d", i);
			j = i;
			goto upto;
	}	}
	return;
	for (w = 0; w < range; w++)
	for (x = 0; x < 8; x++, i++)
	{
upto:		if (!(X[w] & (1<<x)))
		{	if (i-1 == j)
				printf(", ");
			else
				printf("-%d, ", i-1);
			goto from;
	}	}
	if (j >= 0 && j != 255)
		printf("-255");
}

void
dumpranges(void)
{	Vr_Ptr *tmp;
	printf("\nValues assigned within ");
	printf("interval [0..255]:\n");
	for (tmp = ranges; tmp; tmp = tmp->nxt)
	{	printf("\t%s\t: ", tmp->nm);
		dumpval(tmp->vals, BYTESIZE);
		printf("\n");
	}
}
#endif
